import { registerCertificateMetrics } from './certificate-metrics';
import { createRegistry } from './metrics';
import { registerOutboxMetrics } from './outbox-metrics';
import { packageVersion } from './package-version';
import { registerPoolMetrics } from './pool-metrics';
import { registerReadinessMetrics } from './readiness-metrics';

function setUp() {
  const registry = createRegistry({ service: 'auth-service', version: '1.2.3' });
  const lines = async (name: string) =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(`${name}{`));
  return { registry, lines };
}

describe('registerCertificateMetrics', () => {
  it('shows the end of what is in use now, and nothing of what is not used', async () => {
    const { registry, lines } = setUp();
    let end: Date | undefined = new Date(1_700_000_000_000);
    registerCertificateMetrics(registry, { svid: () => end, partner_crl: () => undefined });
    const name = 'sallyport_certificate_expiry_timestamp_seconds';
    expect(await lines(name)).toEqual([`${name}{use="svid",service="auth-service"} 1700000000`]);
    end = new Date(1_700_003_600_000);
    expect(await lines(name)).toEqual([`${name}{use="svid",service="auth-service"} 1700003600`]);
    end = undefined;
    expect(await lines(name)).toEqual([]);
  });
});

describe('registerReadinessMetrics', () => {
  it('asks for the last listener of a process that has had several', async () => {
    const { registry, lines } = setUp();
    const down = { status: 'down', checks: { schema: 'down' } } as const;
    const up = { status: 'up', checks: { database: 'up' } } as const;
    registerReadinessMetrics(registry, () => Promise.resolve(down));
    registerReadinessMetrics(registry, () => Promise.resolve(up));
    expect(await lines('sallyport_readiness_check')).toEqual([
      'sallyport_readiness_check{check="database",service="auth-service"} 1',
    ]);
  });
});

describe('registerPoolMetrics', () => {
  it('shows busy and idle connections, and what waits for one', async () => {
    const { registry, lines } = setUp();
    registerPoolMetrics(registry, {
      ...{ totalCount: 5, idleCount: 2, waitingCount: 4 },
      options: { max: 10 },
    });
    expect(await lines('sallyport_database_connections')).toEqual([
      'sallyport_database_connections{state="busy",service="auth-service"} 3',
      'sallyport_database_connections{state="idle",service="auth-service"} 2',
    ]);
    expect(await lines('sallyport_database_connections_max')).toEqual([
      'sallyport_database_connections_max{service="auth-service"} 10',
    ]);
    expect(await lines('sallyport_database_waiting')).toEqual([
      'sallyport_database_waiting{service="auth-service"} 4',
    ]);
  });
});

describe('registerOutboxMetrics', () => {
  it('has no value while it cannot be asked', async () => {
    const { registry, lines } = setUp();
    registerOutboxMetrics(registry, () => Promise.reject(new Error('the database is gone')));
    expect(await lines('sallyport_outbox_pending')).toEqual([]);
  });

  it('shows what waits in each queue', async () => {
    const { registry, lines } = setUp();
    registerOutboxMetrics(registry, () => Promise.resolve({ mails: 2, revocations: 0 }));
    expect(await lines('sallyport_outbox_pending')).toEqual([
      'sallyport_outbox_pending{queue="mails",service="auth-service"} 2',
      'sallyport_outbox_pending{queue="revocations",service="auth-service"} 0',
    ]);
  });
});

describe('build information', () => {
  it('names the version of the build', async () => {
    const { lines } = setUp();
    expect(await lines('sallyport_build_info')).toEqual([
      `sallyport_build_info{version="1.2.3",node="${process.versions.node}",service="auth-service"} 1`,
    ]);
  });

  it('does without a version rather than failing', () => {
    expect(packageVersion('/nowhere/dist')).toBe('unknown');
    expect(packageVersion(__dirname)).toMatch(/^\d+\.\d+\.\d+/);
  });
});
