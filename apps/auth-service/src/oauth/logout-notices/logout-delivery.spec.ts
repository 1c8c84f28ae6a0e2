import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Account } from '../../accounts/account';
import { openAuthDatabase } from '../../auth.fixture';
import type { AuthTables } from '../../auth.tables';
import { browserOf, grantOf } from '../browsers.fixture';
import { clientsOf, newClient } from '../clients/clients.fixture';
import type { ClientsReplica } from '../clients/clients.fixture';
import { LogoutDelivery } from './logout-delivery';
import { LogoutNoticesRepository, MOST_ATTEMPTS } from './logout-notices.repository';
import type { EndedSignIn } from './logout-tokens';

let database: Database<AuthTables>;
let replica: ClientsReplica;
let notices: LogoutNoticesRepository;
let account: Account;
let kid: string;
/** Told so far, and what else the client answers. */
let told: EndedSignIn[];
let answer: () => Promise<void>;

beforeAll(async () => {
  database = await openAuthDatabase();
});
beforeEach(async () => {
  await database.db.deleteFrom('oauth_logout_notices').execute();
  replica = await clientsOf(database);
  notices = new LogoutNoticesRepository(database, replica.clock.now);
  account = await replica.newAccount();
  ({ kid } = await replica.keys.active());
  told = [];
  answer = () => Promise.resolve();
});
afterAll(() => database.close());

const backchannelLogoutUri = 'https://app.example/logout';

async function clientThat(changes: object = {}): Promise<string> {
  const wanted = newClient({ scope: 'openid', backchannelLogoutUri, ...changes });
  return (await replica.clientsService.create(wanted, undefined)).client.id;
}

/** A grant under which an ID token was given. */
async function signedIn(clientId: string, clientSid = 'a-sid'): Promise<string> {
  const grantId = (await grantOf(replica, await browserOf(replica, account), clientId)) ?? '';
  expect(await replica.signIns.note({ grantId, clientSid }, kid)).toBe(true);
  return grantId;
}

const deliver = () =>
  new LogoutDelivery(
    notices,
    {
      async send(ended) {
        told.push(ended);
        await answer();
      },
    },
    createLogger({ service: 'auth-service', level: 'silent' }),
  ).run();
const endAll = () =>
  replica.ends.all(account.id, { reason: 'ended_by_user', now: replica.clock.now() });
const left = () => database.db.selectFrom('oauth_logout_notices').selectAll().execute();

describe('a client is not told', () => {
  it.each<[what: string, prepare: () => Promise<unknown>]>([
    [
      'that was given no ID token',
      async () => grantOf(replica, await browserOf(replica, account), await clientThat()),
    ],
    [
      'that does not want to know',
      async () => signedIn(await clientThat({ backchannelLogoutUri: undefined })),
    ],
    [
      'that is disabled',
      async () => {
        const id = await clientThat();
        await signedIn(id);
        await database.db
          .updateTable('oauth_clients')
          .set({ disabled_at: replica.clock.now() })
          .where('id', '=', id)
          .execute();
      },
    ],
  ])('%s', async (_, prepare) => {
    await prepare();
    const clientId = await clientThat();
    await signedIn(clientId);
    await endAll();
    await deliver();
    expect(told.map((each) => each.clientId)).toEqual([clientId]);
    expect(await left()).toEqual([]);
  });

  it('before the end is committed', async () => {
    await signedIn(await clientThat());
    const ending = { reason: 'ended_by_user', now: replica.clock.now() } as const;
    await expect(
      database.db.transaction().execute(async (transaction) => {
        await replica.ends.all(account.id, ending, transaction);
        await deliver();
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await deliver();
    expect(told).toEqual([]);
  });

  it('a second time of a sign-in it was told of while the grant went on', async () => {
    const clientId = await clientThat();
    await signedIn(clientId);
    await Promise.all([1, 2, 3].map(() => replica.signIns.over(clientId, account.id, 'a-sid')));
    await endAll();
    await deliver();
    expect(told).toMatchObject([{ clientId, accountId: account.id, clientSid: 'a-sid' }]);
  });
});

describe('a client that cannot be reached', () => {
  it('is tried a few times, later and later, and then no more', async () => {
    await signedIn(await clientThat());
    await endAll();
    answer = () => Promise.reject(new Error('no answer'));
    for (const [seconds, attempts] of [
      [0, 1],
      [4, 1],
      [1, 2],
      [29, 2],
      [1, 3],
      [119, 3],
      [1, 4],
      [600, 4],
    ] as const) {
      replica.clock.advance({ seconds });
      await deliver();
      expect(told).toHaveLength(attempts);
    }
    expect(told).toHaveLength(MOST_ATTEMPTS);
    expect(await left()).toEqual([]);
  });

  it('keeps nobody else waiting', async () => {
    const [dead, well] = [await clientThat(), await clientThat()];
    await signedIn(dead);
    await signedIn(well);
    await endAll();
    answer = () => (told.length === 1 ? Promise.reject(new Error('no answer')) : Promise.resolve());
    await deliver();
    expect(told).toHaveLength(2);
    expect(await left()).toHaveLength(1);
  });
});

describe('a client is told', () => {
  it('once by several replicas at the same time', async () => {
    await signedIn(await clientThat());
    await endAll();
    await Promise.all([deliver(), deliver(), deliver()]);
    expect(told).toHaveLength(1);
  });

  it('of the end of the browser in which it was allowed', async () => {
    const clientId = await clientThat();
    const browserUid = await browserOf(replica, account);
    const grantId = (await grantOf(replica, browserUid, clientId)) ?? '';
    await replica.signIns.note({ grantId, clientSid: 'a-sid' }, kid);
    const authorizations = { [clientId]: { grantId, sid: 'a-sid' } };
    const session = { uid: browserUid, accountId: account.id, authorizations };
    await replica.artifacts.put('Session', browserUid, session, 600);
    const ending = { reason: 'ended_by_user', now: replica.clock.now() } as const;
    await replica.oauthSessions.endBrowser(browserUid, ending);
    await deliver();
    expect(told).toMatchObject([{ clientId, accountId: account.id, clientSid: 'a-sid' }]);
  });
});
