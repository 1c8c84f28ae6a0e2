import { createHash, randomUUID } from 'node:crypto';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { ArtifactAdapter } from './artifact.adapter';
import { ArtifactPruning } from './artifact-pruning';
import type { ArtifactsRepository } from './artifacts.repository';
import { browserOf, clientOf, grantOf } from './browsers.fixture';
import { clientsOf } from './clients/clients.fixture';
import type { ClientsReplica } from './clients/clients.fixture';

let database: Database<AuthTables>;
let replica: ClientsReplica;
let artifacts: ArtifactsRepository;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  replica = await clientsOf(database);
  ({ artifacts } = replica);
});

afterAll(() => database.close());

const ended: string[] = [];
const adapterOf = (kind: string) =>
  new ArtifactAdapter(kind, artifacts, async (grantId) => {
    ended.push(grantId);
    await replica.grants.end(grantId);
  });

/** A grant with what hangs on it. */
async function granted() {
  const account = await replica.newAccount();
  const browserUid = await browserOf(replica, account);
  const clientId = await clientOf(replica);
  const grantId = String(await grantOf(replica, browserUid, clientId));
  const payload = { accountId: account.id, clientId, grantId, kind: 'a kind' };
  return { accountId: account.id, browserUid, grantId, payload };
}

describe('an artifact', () => {
  it('is found by its kind and id alone, and until its end', async () => {
    const id = randomUUID();
    await artifacts.put('Interaction', id, { a: 1 }, 60);
    expect(await artifacts.find('Session', id)).toBeUndefined();
    expect(await artifacts.find('Interaction', randomUUID())).toBeUndefined();
    replica.clock.advance({ seconds: 59 });
    expect(await artifacts.find('Interaction', id)).toMatchObject({ payload: { a: 1 } });
    replica.clock.advance({ seconds: 1 });
    expect(await artifacts.find('Interaction', id)).toBeUndefined();
  });

  it('is kept without its id, by which it could be used', async () => {
    const id = `a-secret-${randomUUID()}`;
    await artifacts.put('RefreshToken', id, { jti: id, a: 1 }, 60);
    const rows = await database.db.selectFrom('oauth_artifacts').selectAll().execute();
    const hash = createHash('sha256').update(id).digest();
    expect(rows.filter(({ id_hash: each }) => each.equals(hash))).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(id);
  });

  it('is hidden once the session of its grant has ended', async () => {
    const { grantId, payload } = await granted();
    const id = randomUUID();
    await artifacts.put('RefreshToken', id, payload, 60);
    expect(await artifacts.find('RefreshToken', id)).toBeDefined();
    await replica.grants.end(grantId);
    expect(await artifacts.find('RefreshToken', id)).toBeUndefined();
  });

  it('is hidden once the session of its browser has ended, and nothing of another', async () => {
    const [one, other] = [await granted(), await granted()];
    const put = async ({ accountId, browserUid: uid }: typeof one) => {
      const id = randomUUID();
      await artifacts.put('Session', id, { accountId, uid }, 60);
      return id;
    };
    const [first, second] = [await put(one), await put(other)];
    await replica.grants.signOut(one.browserUid);
    expect(await artifacts.find('Session', first)).toBeUndefined();
    expect(await artifacts.findByUid('Session', one.browserUid)).toBeUndefined();
    expect(await artifacts.find('Session', second)).toBeDefined();
    expect(await artifacts.findByUid('Session', other.browserUid)).toBeDefined();
  });

  it('is consumed by exactly one of many', async () => {
    const id = randomUUID();
    await artifacts.put('AuthorizationCode', id, {}, 60);
    const consumed = await Promise.all(
      Array.from({ length: 8 }, () => artifacts.consume('AuthorizationCode', id)),
    );
    expect(consumed.filter(Boolean)).toHaveLength(1);
    expect(await artifacts.find('AuthorizationCode', id)).toMatchObject({
      consumedAt: replica.clock.epochSeconds,
    });
  });

  it('of one use is written by exactly one of many', async () => {
    const id = randomUUID();
    const written = await Promise.all(
      Array.from({ length: 8 }, () => artifacts.putOnce('ReplayDetection', id, {}, 60)),
    );
    expect(written.filter(Boolean)).toHaveLength(1);
  });
});

describe('ArtifactAdapter', () => {
  const outcomesOf = async (calls: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(calls)).map((each) =>
      each.status === 'fulfilled' ? 'done' : (each.reason as { readonly error: string }).error,
    );

  it('refuses all but one who consume a code, and ends its grant', async () => {
    const { grantId, payload } = await granted();
    const id = randomUUID();
    const adapter = adapterOf('AuthorizationCode');
    await adapter.upsert(id, payload, 60);
    const outcomes = await outcomesOf(Array.from({ length: 3 }, () => adapter.consume(id)));
    expect(outcomes.sort()).toEqual(['done', 'invalid_grant', 'invalid_grant']);
    expect(ended).toContain(grantId);
    expect(await adapter.find(id)).toBeUndefined();
  });

  it('refuses all but one who consume a pushed request', async () => {
    const id = randomUUID();
    const adapter = adapterOf('PushedAuthorizationRequest');
    await adapter.upsert(id, {}, 60);
    const outcomes = await outcomesOf([adapter.consume(id), adapter.consume(id)]);
    expect(outcomes.sort()).toEqual(['done', 'invalid_request_uri']);
  });

  it('removes a grant with all that hangs on it, and nothing of another', async () => {
    const [one, other] = [await granted(), await granted()];
    const [first, second] = [randomUUID(), randomUUID()];
    const tokens = adapterOf('RefreshToken');
    await tokens.upsert(first, one.payload, 60);
    await tokens.upsert(second, other.payload, 60);
    await adapterOf('Grant').destroy(one.grantId);
    expect(await tokens.find(first)).toBeUndefined();
    expect(await tokens.find(second)).toMatchObject({ jti: second });
    const { kid } = await replica.keys.active();
    const use = (grantId: string) =>
      replica.oauthSessions.useGrant(grantId, kid, replica.clock.now());
    expect(await use(one.grantId)).toBeUndefined();
    expect(await use(other.grantId)).toBeDefined();
  });
});

describe('ArtifactPruning', () => {
  const lines: string[] = [];
  const pruneWith = (rows: ArtifactsRepository) => {
    const destination = { write: (line: string) => lines.push(line) };
    const logger = createLogger({ service: 'auth-service', level: 'info', destination });
    const pruning = new ArtifactPruning(rows, replica.consentRows, replica.clock.now);
    return new RepeatedPasses(pruning, logger).pass();
  };

  it('leaves a line in the log when it cannot, and does not reject', async () => {
    const broken = { removeExpired: () => Promise.reject(new Error('gone')) };
    await expect(pruneWith(broken as never)).resolves.toBeUndefined();
    expect(lines.join()).toContain('"event":"artifact_pruning_failed"');
  });

  it('removes what is past its end, in more than one batch, and nothing else', async () => {
    await database.db.deleteFrom('oauth_artifacts').execute();
    const put = (ttl: number) => artifacts.put('Interaction', randomUUID(), {}, ttl);
    await Promise.all(Array.from({ length: 520 }, () => put(60)));
    await put(61);
    replica.clock.advance({ seconds: 60 });
    await pruneWith(artifacts);
    const rows = await database.db.selectFrom('oauth_artifacts').selectAll().execute();
    expect(rows).toHaveLength(1);
  });
});
