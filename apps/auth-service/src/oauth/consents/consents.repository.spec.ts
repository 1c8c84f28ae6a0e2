import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import type { Account } from '../../accounts/account';
import { CLIENT_ADDRESS, openAuthDatabase } from '../../auth.fixture';
import type { AuthTables } from '../../auth.tables';
import { browserOf, clientOf } from '../browsers.fixture';
import { clientsOf } from '../clients/clients.fixture';
import type { ClientsReplica } from '../clients/clients.fixture';
import { LIFETIMES } from '../provider-configuration';

let database: Database<AuthTables>;
let replica: ClientsReplica;
let account: Account;
let browserUid: string;
let clientId: string;

beforeAll(async () => {
  database = await openAuthDatabase();
});

beforeEach(async () => {
  replica = await clientsOf(database);
  account = await replica.newAccount();
  browserUid = await browserOf(replica, account);
  clientId = await clientOf(replica);
  replica.events.clear();
});

afterAll(() => database.close());

const parties = () => ({ accountId: account.id, clientId });
const consent = (scopes = ['openid', 'orders:read']) => ({
  ...parties(),
  scopes,
  now: replica.clock.now(),
});
const opening = (grantId: string = randomUUID()) => {
  const now = replica.clock.now();
  return { grantId, clientId, browserUid, now, expiresAt: new Date(now.getTime() + 60_000) };
};
const give = (...scopes: readonly string[]) =>
  replica.consentRows.give(consent(scopes.length === 0 ? undefined : [...scopes]), opening());
const use = (scopes?: string[], grantId?: string) =>
  replica.consentRows.use(consent(scopes), opening(grantId));
const isLive = async (grantId: string): Promise<boolean> => {
  const { kid } = await replica.keys.active();
  return (await replica.oauthSessions.useGrant(grantId, kid, replica.clock.now())) !== undefined;
};

describe('a consent is not used', () => {
  it.each<[what: string, spoil: () => unknown]>([
    ['that nobody gave', () => replica.consents.withdraw(parties(), CLIENT_ADDRESS)],
    ['that is too old', () => replica.clock.advance({ seconds: LIFETIMES.consent })],
    ['of a client that is disabled', () => replica.disabling.disable(clientId, undefined)],
    [
      'of a client that was disabled and works again',
      async () => {
        await replica.disabling.disable(clientId, undefined);
        await replica.disabling.enable(clientId, undefined);
      },
    ],
    ['in a browser that was signed out', () => replica.grants.signOut(browserUid)],
  ])('%s', async (what, spoil) => {
    await give();
    expect(await use()).toBe(true);
    await spoil();
    if (what === 'that is too old') browserUid = await browserOf(replica, account);
    const grantId = randomUUID();
    expect(await use(undefined, grantId)).toBe(false);
    expect(await isLive(grantId)).toBe(false);
  });

  it('for more than it was given for', async () => {
    await give('openid', 'orders:read');
    expect(await use(['openid', 'orders:write'])).toBe(false);
    expect(await use(['openid'])).toBe(true);
    await give('orders:write');
    expect(await use(['openid', 'orders:read', 'orders:write'])).toBe(true);
  });
});

describe('a consent is not given', () => {
  it('in a browser that was signed out, and nothing is remembered', async () => {
    await replica.grants.signOut(browserUid);
    expect(await give()).toBe(false);
    expect(await replica.consents.list(account.id)).toEqual([]);
  });

  it('to a client that is disabled', async () => {
    await replica.disabling.disable(clientId, undefined);
    expect(await give()).toBe(false);
    expect(await replica.consentRows.give(consent())).toBe(false);
    expect(await replica.consents.list(account.id)).toEqual([]);
  });
});

describe('withdrawing', () => {
  it('finds nothing that was not allowed, or by somebody else', async () => {
    await give();
    const others = { accountId: (await replica.newAccount()).id, clientId };
    const notFound = { status: 'NOT_FOUND', reason: 'consent_not_found' };
    await expect(replica.consents.withdraw(others, CLIENT_ADDRESS)).rejects.toMatchObject(notFound);
    const unknown = { accountId: account.id, clientId: 'client-of-nobody' };
    await expect(replica.consents.withdraw(unknown, undefined)).rejects.toMatchObject(notFound);
    expect(await use()).toBe(true);
    expect(replica.events.all).toEqual([]);
  });

  it('does not happen while the gateways would not hear of it', async () => {
    await give();
    replica.feed.isPublishing = false;
    await expect(replica.consents.withdraw(parties(), CLIENT_ADDRESS)).rejects.toMatchObject({
      status: 'UNAVAILABLE',
    });
    expect(await use()).toBe(true);
  });

  it('ends every grant of the client and account, and no other', async () => {
    const other = await clientOf(replica);
    const [ended, kept] = [randomUUID(), randomUUID()];
    await replica.consentRows.give(consent(), opening(ended));
    const theirs = { ...opening(kept), clientId: other };
    await replica.consentRows.give({ ...consent(), clientId: other }, theirs);
    expect([await isLive(ended), await isLive(kept)]).toEqual([true, true]);

    replica.events.clear();

    await replica.consents.withdraw(parties(), CLIENT_ADDRESS);

    expect([await isLive(ended), await isLive(kept)]).toEqual([false, true]);
    expect((await replica.consents.list(account.id)).map((each) => each.clientId)).toEqual([other]);
    expect(replica.feed.published).toMatchObject([{ kind: 'session' }]);
    const about = { principal: account.id, clientAddress: CLIENT_ADDRESS };
    expect(replica.events.all).toMatchObject([
      { type: 'client', reason: 'consent_withdrawn', target: clientId, ...about },
      { type: 'session', reason: 'grant_revoked', ...about },
    ]);
  });

  it('leaves no grant of a use at the same time', async () => {
    for (let round = 0; round < 10; round += 1) {
      await give();
      const grants = Array.from({ length: 3 }, () => randomUUID());
      await Promise.all([
        ...grants.map((grantId) => use(undefined, grantId)),
        replica.consents.withdraw(parties(), undefined),
      ]);
      expect(await Promise.all(grants.map(isLive))).toEqual([false, false, false]);
    }
  });
});

describe('the list', () => {
  it('has one entry a client, since it was allowed and last used', async () => {
    await replica.consents.give(parties(), ['orders:read', 'openid'], opening(), CLIENT_ADDRESS);
    const since = replica.clock.now();
    replica.clock.advance({ seconds: 60 });
    await use(['openid']);
    expect(await replica.consents.list(account.id)).toEqual([
      {
        ...{ clientId, clientName: 'A client', scopes: ['openid', 'orders:read'] },
        ...{ since, lastUsedAt: replica.clock.now() },
      },
    ]);
    expect(replica.events.all).toMatchObject([{ type: 'client', reason: 'consent_given' }]);
  });

  it('forgets what is too old, once no grant of it is left', async () => {
    await give();
    replica.clock.advance({ seconds: LIFETIMES.consent + 1 });
    await replica.consentRows.removeOutdated(replica.clock.now());
    expect(await replica.consents.list(account.id)).toHaveLength(1);
    replica.clock.advance({ seconds: LIFETIMES.grant });
    await replica.consentRows.removeOutdated(replica.clock.now());
    expect(await replica.consents.list(account.id)).toEqual([]);
  });
});
