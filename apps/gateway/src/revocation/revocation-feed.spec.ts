import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { startRedisStandIn } from '@sallyport/dev-stores';
import type { RunningService } from '@sallyport/nest-zero-trust';
import {
  RevocationPublisher,
  type RecordedRevocation,
  type Revocation,
  type RevocationOutbox,
} from '@sallyport/revocation';
import { FakeCa, postgresForTests, TokenMint } from '@sallyport/testing';
import { start } from '../start';
import { GatewaySurroundings } from '../start.fixture';

const BOUND_MS = 1_000;

/** What auth-service has recorded, in memory. */
class RecordedRevocations implements RevocationOutbox {
  readonly #records: RecordedRevocation[] = [];
  readonly #unpublished = new Set<RecordedRevocation>();

  record(revocation: Revocation): void {
    const record = { recordId: String(this.#records.length), revocation };
    this.#records.push(record);
    this.#unpublished.add(record);
  }

  due = async (limit: number) => [...this.#unpublished].slice(0, limit);
  newestUnpublished = async () => [...this.#unpublished].at(-1)?.recordId;
  inForce = async (after: string | undefined, limit: number) => {
    const first = after === undefined ? 0 : Number(after) + 1;
    return this.#records.slice(first, first + limit);
  };
  markPublished = async (recordIds: readonly string[]) => {
    for (const record of this.#unpublished) {
      if (recordIds.includes(record.recordId)) this.#unpublished.delete(record);
    }
  };
}

const outbox = new RecordedRevocations();
const expiresAt = Math.floor(Date.now() / 1000) + 900;
let redis: Awaited<ReturnType<typeof startRedisStandIn>>;
let surroundings: GatewaySurroundings;
let gateway: RunningService;
let publisher: RevocationPublisher;

beforeAll(async () => {
  redis = await startRedisStandIn();
  surroundings = await GatewaySurroundings.prepare(await FakeCa.create(), await postgresForTests());
  await surroundings.publishKeysAs('auth-service');
  gateway = await start({
    ...surroundings.environment,
    REDIS_URL: redis.url,
    REVOCATION_BOUND_MS: String(BOUND_MS),
  });
});
beforeEach(() => {
  publisher = new RevocationPublisher({ redisUrl: redis.url, name: 'auth-service', outbox });
});
afterEach(() => publisher.close());
afterAll(async () => {
  await gateway.close();
  surroundings.close();
  await redis.stop();
});

/** How the gateway judges a token; one that is accepted gets as far as the service, which is away here. */
async function judge(token: string): Promise<string> {
  const headers = [['authorization', `Bearer ${token}`]] as const;
  const { body } = await surroundings.send({ path: '/orders', headers });
  const { code } = JSON.parse(body) as { code: string };
  return code === 'service_unavailable' ? 'accepted' : code;
}

const revocationsAre = async (state: 'up' | 'down') => {
  while ((await surroundings.readiness()).checks['revocations'] !== state) await pause(20);
};

it('accepts no token before the feed has been heard, and publishes keys meanwhile', async () => {
  expect(await surroundings.readiness()).toMatchObject({
    status: 'down',
    checks: { 'issuer-keys': 'up', revocations: 'down' },
  });
  expect(await judge(surroundings.mint.accessToken())).toBe('authentication_unavailable');
  expect(await surroundings.send({ path: '/.well-known/jwks.json' })).toMatchObject({
    status: 200,
  });
  expect(await surroundings.metrics()).toMatch(
    /^sallyport_revocation_feed_age_seconds\{.*\} \+Inf$/m,
  );

  publisher.start();
  await revocationsAre('up');
  expect(await judge(surroundings.mint.accessToken())).toBe('accepted');
});

it('refuses within the bound what was revoked, and nothing else', async () => {
  publisher.start();
  await revocationsAre('up');
  const sid = randomUUID();
  const [token, other] = [
    surroundings.mint.accessToken({ payload: { sid } }),
    surroundings.mint.accessToken({ payload: { sid: randomUUID() } }),
  ];
  expect([await judge(token), await judge(other)]).toEqual(['accepted', 'accepted']);

  outbox.record({ kind: 'session', id: sid, expiresAt });
  const recordedAt = performance.now();
  while ((await judge(token)) === 'accepted') await pause(10);
  expect(performance.now() - recordedAt).toBeLessThan(BOUND_MS);
  expect([await judge(token), await judge(other)]).toEqual(['invalid_token', 'accepted']);
  expect(await surroundings.metrics()).toMatch(/^sallyport_revocations\{kind="session",.*\} 1$/m);
});

it('accepts no token once the feed has been silent for longer than the bound', async () => {
  publisher.start();
  await revocationsAre('up');
  const token = surroundings.mint.accessToken();
  expect(await judge(token)).toBe('accepted');

  await publisher.close();
  await revocationsAre('down');
  expect(await judge(token)).toBe('authentication_unavailable');

  publisher = new RevocationPublisher({ redisUrl: redis.url, name: 'auth-service', outbox });
  publisher.start();
  await revocationsAre('up');
  expect(await judge(token)).toBe('accepted');
});

it('fetches the keys anew as soon as one is revoked', async () => {
  publisher.start();
  await revocationsAre('up');
  const next = new TokenMint({ issuer: surroundings.mint.issuer });
  surroundings.jwks = next.jwks;
  outbox.record({ kind: 'signing_key', id: surroundings.mint.kid, expiresAt });
  const published = async () => (await surroundings.send({ path: '/.well-known/jwks.json' })).body;
  while (!(await published()).includes(next.kid)) await pause(20);
  expect(JSON.parse(await published())).toEqual(next.jwks);
  expect([await judge(surroundings.mint.accessToken()), await judge(next.accessToken())]).toEqual([
    'invalid_token',
    'accepted',
  ]);
});
