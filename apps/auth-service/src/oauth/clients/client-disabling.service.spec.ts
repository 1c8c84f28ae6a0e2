import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@sallyport/persistence';
import { PASSWORD_AUTHENTICATION } from '../../accounts/credentials';
import { openAuthDatabase, ORIGIN } from '../../auth.fixture';
import type { AuthTables } from '../../auth.tables';
import type { AuthConnection } from '../../revocations/record-revocation';
import { clientsOf, newClient } from './clients.fixture';
import type { ClientsReplica } from './clients.fixture';

const OPERATOR = randomUUID();
const DAY_MS = 24 * 60 * 60 * 1000;

let database: Database<AuthTables>;
let replica: ClientsReplica;
let kid: string;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  replica = await clientsOf(database);
  kid = (await replica.keys.active()).kid;
});

afterAll(() => database.close());

async function registered(): Promise<string> {
  return (await replica.clientsService.create(newClient(), OPERATOR)).client.id;
}

/** Somebody signs in in a browser; resolves with what opens a grant there. */
async function signedIn() {
  const account = await replica.newAccount();
  const [interactionUid, browserUid] = [randomUUID(), randomUUID()];
  const at = replica.clock.now();
  const expiresAt = new Date(at.getTime() + DAY_MS);
  const authentication = { ...PASSWORD_AUTHENTICATION, at };
  const signIn = { ...ORIGIN, interactionUid, authentication, expiresAt };
  await replica.oauthSessions.signIn(account, signIn);
  await replica.oauthSessions.adopt(interactionUid, browserUid, at);
  return (clientId: string, grantId = randomUUID()) => {
    const opening = { clientId, browserUid, grantId, now: replica.clock.now(), expiresAt };
    return replica.oauthSessions.openGrant(opening);
  };
}

const use = (grantId: string) => replica.oauthSessions.useGrant(grantId, kid, replica.clock.now());

describe('ClientDisablingService', () => {
  it.each(['disable', 'enable'] as const)('finds no client to %s that is none', async (order) => {
    await expect(replica.disabling[order]('nobody', OPERATOR)).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'oauth_client_not_found',
    });
    expect(replica.feed.published).toEqual([]);
  });

  it('ends what a client holds, and nothing of another', async () => {
    const [id, other] = [await registered(), await registered()];
    const open = await signedIn();
    const [ended, kept] = [randomUUID(), randomUUID()];
    expect([await open(id, ended), await open(other, kept)]).toEqual([true, true]);
    const { sessionId = '' } = (await use(ended)) ?? {};
    replica.events.clear();

    const { endedSessions, client } = await replica.disabling.disable(id, OPERATOR);

    expect({ endedSessions, disabledAt: client.disabledAt }).toEqual({
      endedSessions: 1,
      disabledAt: replica.clock.now(),
    });
    expect(replica.feed.published).toMatchObject([
      { kind: 'client', id, issuedBefore: replica.clock.epochSeconds + 1 },
      { kind: 'session', id: sessionId },
    ]);
    expect(replica.events.all).toMatchObject([
      { type: 'client', reason: 'oauth_client_disabled', principal: OPERATOR, target: id },
    ]);
    expect(await use(ended)).toBeUndefined();
    expect(await replica.clients.find(id)).toBeUndefined();
    expect(await replica.clients.tokensValidFrom(id)).toBeUndefined();
    expect(await open(id)).toBe(false);

    expect(await use(kept)).toBeDefined();
    expect(await replica.clients.find(other)).toBeDefined();
    expect(await replica.clients.tokensValidFrom(other)).toBeDefined();
    expect(await open(other)).toBe(true);
  });

  it('is recorded while the feed is gone', async () => {
    const id = await registered();
    replica.feed.isPublishing = false;
    await replica.disabling.disable(id, OPERATOR);
    expect(await replica.revocationRows.findByRevokedIds([id])).toMatchObject([{ kind: 'client' }]);
  });

  it('disables once, and ends what an interrupted order left', async () => {
    const id = await registered();
    const open = await signedIn();
    const grantId = randomUUID();
    await open(id, grantId);
    await hide(id, database.db);
    expect(await use(grantId)).toBeUndefined();
    const { endedSessions } = await replica.disabling.disable(id, OPERATOR);
    expect(endedSessions).toBe(1);
    expect(replica.feed.published).toMatchObject([{ kind: 'session' }]);
    await replica.disabling.enable(id, OPERATOR);
    expect(await use(grantId)).toBeUndefined();
  });

  it('lets a client work again with tokens of its new epoch, and without what it had', async () => {
    const id = await registered();
    const open = await signedIn();
    const [before, after] = [randomUUID(), randomUUID()];
    await open(id, before);
    await replica.disabling.disable(id, OPERATOR);
    expect((await replica.disabling.enable(id, OPERATOR)).disabledAt).toBeUndefined();

    expect(await use(before)).toBeUndefined();
    expect(await open(id, after)).toBe(true);
    const epoch = new Date((replica.clock.epochSeconds + 1) * 1000);
    expect((await use(after))?.tokensValidFrom).toEqual(epoch);
    expect(await replica.clients.tokensValidFrom(id)).toEqual(epoch);
  });

  it('ends what an interrupted order left before the client works again', async () => {
    const id = await registered();
    const open = await signedIn();
    const grantId = randomUUID();
    await open(id, grantId);
    await hide(id, database.db);
    await replica.disabling.enable(id, OPERATOR);
    expect(await replica.clients.find(id)).toBeDefined();
    expect(await use(grantId)).toBeUndefined();
  });

  it('lets nothing begin while a client is being disabled: that waits, and gets nothing', async () => {
    const id = await registered();
    const open = await signedIn();
    const grantId = randomUUID();
    await open(id, grantId);
    const settled: string[] = [];
    const begun = await database.db.transaction().execute(async (transaction) => {
      await hide(id, transaction);
      const attempts = [open(id), use(grantId), replica.clients.tokensValidFrom(id)] as const;
      for (const attempt of attempts) void attempt.then(() => settled.push('early'));
      await delay(200);
      expect(settled).toEqual([]);
      return attempts;
    });
    expect(await Promise.all(begun)).toEqual([false, undefined, undefined]);
  });
});

/** The first statement of an order to disable a client. */
async function hide(id: string, connection: AuthConnection): Promise<void> {
  await connection
    .updateTable('oauth_clients')
    .set({ disabled_at: replica.clock.now() })
    .where('id', '=', id)
    .execute();
}
