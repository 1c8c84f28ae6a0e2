import { standardPorts } from '../cluster/ports';
import { inheritedFrom, readLauncherConfiguration } from './launcher-configuration';

describe('readLauncherConfiguration', () => {
  it.each([
    ['SALLYPORT_GATEWAY_PORT', 'http'],
    ['SALLYPORT_BILLING_OPS_PORT', '65536'],
    ['SALLYPORT_AUTH_PORT', '0'],
    ['LOG_LEVEL', 'loud'],
    ['REDIS_URL', 'redis://redis.example:6379'],
    ['DATABASE_URL', 'postgres://admin:secret@db.example/postgres'],
  ])('refuses %s=%s, naming the variable', (variable, value) => {
    const read = (): unknown => readLauncherConfiguration({ [variable]: value });

    expect(read).toThrow(new RegExp(`^${variable}: expected [^\n]+$`));
    expect(read).not.toThrow(/secret/);
  });

  it('takes the ports of the README, but for those that are named', () => {
    const { ports } = readLauncherConfiguration({ SALLYPORT_ORDERS_PORT: '1234' });

    expect(ports).toEqual({ ...standardPorts(), orders: 1234 });
  });

  it('keeps its data in the checkout unless told otherwise', () => {
    expect(readLauncherConfiguration({}).home).toMatch(/[/\\]\.sallyport$/);
    expect(readLauncherConfiguration({ SALLYPORT_HOME: '/elsewhere' }).home).toBe('/elsewhere');
  });
});

describe('inheritedFrom', () => {
  it('hands on nothing that could be a credential', () => {
    expect(inheritedFrom({ PATH: '/bin', AWS_SECRET_ACCESS_KEY: 'x', NODE_OPTIONS: 'y' })).toEqual({
      PATH: '/bin',
    });
  });

  it('hands on where traces go', () => {
    const traces = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
      OTEL_TRACES_SAMPLER: 'always_on',
    };
    expect(inheritedFrom({ ...traces, OTEL_LOGS_EXPORTER: 'console' })).toEqual(traces);
  });
});
