import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { KeyTaintingService } from '../operators/key-tainting.service';
import { browserOf, clientOf, grantOf, interactionOf } from './browsers.fixture';
import { clientsOf } from './clients/clients.fixture';
import type { ClientsReplica } from './clients/clients.fixture';

let database: Database<AuthTables>;
let replica: ClientsReplica;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  replica = await clientsOf(database);
});

afterAll(() => database.close());

const ending = () => ({ reason: 'logout', now: replica.clock.now() }) as const;
const adopt = (interaction: string, browser: string) =>
  replica.oauthSessions.adopt(interaction, browser, replica.clock.now());
const sessionsOf = (accountId: string) =>
  database.db.selectFrom('sessions').selectAll().where('account_id', '=', accountId).execute();
const use = async (grantId = 'of nobody', kid?: string) =>
  replica.oauthSessions.useGrant(
    grantId,
    kid ?? (await replica.keys.active()).kid,
    replica.clock.now(),
  );

describe('adopt', () => {
  it('refuses a browser an interaction that nobody signed in in', async () => {
    expect(await adopt(randomUUID(), randomUUID())).toBe(false);
  });

  it('refuses a browser a session that was ended on the way', async () => {
    const account = await replica.newAccount();
    const interaction = await interactionOf(replica, account);
    await database.db
      .updateTable('sessions')
      .set({ ended_at: replica.clock.now(), end_reason: 'logout' })
      .where('account_id', '=', account.id)
      .execute();
    expect(await adopt(interaction, randomUUID())).toBe(false);
  });

  it('refuses a second browser the session that a first one has', async () => {
    const interaction = await interactionOf(replica, await replica.newAccount());
    expect(await adopt(interaction, randomUUID())).toBe(true);
    expect(await adopt(interaction, randomUUID())).toBe(false);
  });

  it('gives a browser its session, once however often it is asked', async () => {
    const account = await replica.newAccount();
    const [interaction, browser] = [await interactionOf(replica, account), randomUUID()];
    expect([await adopt(interaction, browser), await adopt(interaction, browser)]).toEqual([
      true,
      true,
    ]);
    expect(await sessionsOf(account.id)).toMatchObject([{ browser_uid: browser }]);
  });

  it('renews the session of a browser in which the same account signs in again', async () => {
    const account = await replica.newAccount();
    const browser = await browserOf(replica, account);
    const [{ id } = { id: '' }] = await sessionsOf(account.id);
    replica.clock.advance({ seconds: 60 });
    expect(await adopt(await interactionOf(replica, account), browser)).toBe(true);
    expect(await sessionsOf(account.id)).toMatchObject([
      { id, browser_uid: browser, authenticated_at: replica.clock.now() },
    ]);
  });
});

describe('openGrant', () => {
  it('refuses where nobody is signed in, or is not any more', async () => {
    const client = await clientOf(replica);
    expect(await grantOf(replica, randomUUID(), client)).toBeUndefined();
    const browser = await browserOf(replica, await replica.newAccount());
    expect(await grantOf(replica, browser, client)).toEqual(expect.any(String));
    await replica.oauthSessions.endBrowser(browser, ending());
    expect(await grantOf(replica, browser, client)).toBeUndefined();
  });

  it('opens a session of the account, with how it authenticated', async () => {
    const account = await replica.newAccount();
    const browser = await browserOf(replica, account);
    const client = await clientOf(replica);
    const grantId = await grantOf(replica, browser, client);
    const rows = await sessionsOf(account.id);
    const [first, second] = [...rows].sort((a) => (a.browser_uid === null ? 1 : -1));
    expect(second).toMatchObject({
      grant_id: grantId,
      client_id: client,
      acr: first?.acr,
      amr: first?.amr,
      authenticated_at: first?.authenticated_at,
    });
  });
});

describe('a grant that is opened while everything of its account ends', () => {
  type EndsAll = (accountId: string) => Promise<unknown>;

  it.each<[what: string, ends: EndsAll]>([
    [
      'by a change of the account',
      (id) => database.db.transaction().execute((each) => replica.ends.all(id, ending(), each)),
    ],
    ['by its owner', (id) => replica.ends.all(id, ending())],
    ['by its owner, but for one', (id) => replica.ends.allBut(id, randomUUID(), ending())],
  ])('%s, ends with it', async (_, endAll) => {
    const account = await replica.newAccount();
    const [browserUid, clientId] = [await browserOf(replica, account), await clientOf(replica)];
    const now = replica.clock.now();
    const expiresAt = new Date(now.getTime() + 60_000);
    const opening = { grantId: randomUUID(), clientId, browserUid, now, expiresAt };
    const { ended } = await database.db.transaction().execute(async (transaction) => {
      await replica.oauthSessions.openGrant(opening, transaction);
      const underWay = endAll(account.id);
      await isWaiting();
      return { ended: underWay };
    });
    await ended;
    const rows = await sessionsOf(account.id);
    expect(rows.map((row) => row.end_reason)).toEqual(['logout', 'logout']);
  });

  /** Until a statement waits for another one's row. */
  async function isWaiting(): Promise<void> {
    for (;;) {
      const { rows } = await sql`
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(database.db);
      if (rows.length > 0) return;
    }
  }
});

describe('useGrant', () => {
  const opened = async (seconds?: number) => {
    const account = await replica.newAccount();
    const browser = await browserOf(replica, account);
    const grantId = await grantOf(replica, browser, await clientOf(replica), seconds);
    return { account, grantId: String(grantId) };
  };

  it('refuses a grant of nobody, and a key that does not sign', async () => {
    const { grantId } = await opened();
    expect(await use()).toBeUndefined();
    expect(await use(grantId, 'another key')).toBeUndefined();
    expect(await use(grantId)).toBeDefined();
  });

  it('refuses a grant whose session was ended, by what ends sessions', async () => {
    const { grantId } = await opened();
    expect(await use(grantId)).toBeDefined();
    await replica.grants.end(grantId);
    expect(await use(grantId)).toBeUndefined();
    expect(replica.feed.published).toMatchObject([{ kind: 'session' }]);
    expect(replica.events.all).toContainEqual(
      expect.objectContaining({ type: 'session', reason: 'grant_revoked' }),
    );
  });

  it('refuses a grant that is past its end', async () => {
    const { grantId } = await opened(60);
    replica.clock.advance({ seconds: 59 });
    expect(await use(grantId)).toBeDefined();
    replica.clock.advance({ seconds: 1 });
    expect(await use(grantId)).toBeUndefined();
  });

  it('lets a leaked signing key end the grants it has signed for, and no other', async () => {
    const { keys, ends, revocations, clock } = replica;
    const [signed, later] = [await opened(), await opened()];
    expect(await use(signed.grantId)).toBeDefined();
    const { kid } = await keys.active();
    await keys.prepare();
    await keys.activate({ immediately: true });
    expect(await use(later.grantId)).toBeDefined();
    await new KeyTaintingService(keys, ends, revocations, clock.now).taint(kid);
    expect(await use(signed.grantId)).toBeUndefined();
    expect(await use(later.grantId)).toBeDefined();
  });

  it('tells the session, what the account may do, and from when on its tokens count', async () => {
    const { account, grantId } = await opened();
    const [row] = (await sessionsOf(account.id)).filter(({ grant_id: id }) => id === grantId);
    expect(await use(grantId)).toEqual({
      sessionId: row?.id,
      scopes: [...account.scopes],
      tokensValidFrom: expect.any(Date),
      expiresAt: row?.expires_at,
    });
  });
});
