import { createRegistry } from '@sallyport/observability';
import { registerSigningKeyMetrics } from './signing-key.metrics';
import type { SigningKeyRecord } from './signing-key-record';

const NOW = new Date('2026-01-02T00:00:00Z');
const NEVER = {
  activatedAt: undefined,
  retiredAt: undefined,
  verifiesUntil: undefined,
  taintedAt: undefined,
};

const secondsAgo = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000);

function setUp(list: () => Promise<readonly SigningKeyRecord[]>) {
  const registry = createRegistry({ service: 'auth-service' });
  registerSigningKeyMetrics(registry, { list, lifetimeSeconds: 2_592_000, clock: () => NOW });
  return async () =>
    (await registry.metrics()).split('\n').filter((line) => /^sallyport_signing_key/.test(line));
}

const LIFETIME = 'sallyport_signing_key_lifetime_seconds{service="auth-service"} 2592000';

it('shows no age while the database does not answer', async () => {
  const lines = setUp(() => Promise.reject(new Error('the database is gone')));
  expect(await lines()).toEqual([LIFETIME]);
});

it('shows how long the oldest key of each state has been in it, and no key id', async () => {
  const lines = setUp(() =>
    Promise.resolve([
      { ...NEVER, kid: 'kid-1', state: 'prepared', createdAt: secondsAgo(60) },
      {
        ...{ ...NEVER, kid: 'kid-2', state: 'active' },
        ...{ createdAt: secondsAgo(900), activatedAt: secondsAgo(300) },
      },
      {
        ...{ ...NEVER, kid: 'kid-3', state: 'retired' },
        ...{ createdAt: secondsAgo(9_000), retiredAt: secondsAgo(300) },
      },
      {
        ...{ ...NEVER, kid: 'kid-4', state: 'tainted' },
        ...{ createdAt: secondsAgo(9_000), taintedAt: secondsAgo(300) },
      },
    ]),
  );
  expect(await lines()).toEqual([
    'sallyport_signing_key_age_seconds{state="prepared",service="auth-service"} 60',
    'sallyport_signing_key_age_seconds{state="active",service="auth-service"} 300',
    'sallyport_signing_key_age_seconds{state="retired",service="auth-service"} 300',
    LIFETIME,
  ]);
});
