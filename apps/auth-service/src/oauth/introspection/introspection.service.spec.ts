import type { Database } from '@sallyport/persistence';
import type { AccessTokenGrant } from '@sallyport/tokens';
import { sql } from 'kysely';
import type { Account } from '../../accounts/account';
import { openAuthDatabase, openSession } from '../../auth.fixture';
import type { AuthTables } from '../../auth.tables';
import { browserOf, grantOf } from '../browsers.fixture';
import { clientsOf, newClient } from '../clients/clients.fixture';
import type { ClientsReplica } from '../clients/clients.fixture';

let database: Database<AuthTables>;
let replica: ClientsReplica;
let account: Account;
/** Tokens are given to the first; the second takes them, the third is a stranger. */
let app: string;
let api: string;
let other: string;
let grant: AccessTokenGrant & { readonly sessionId: string };

beforeAll(async () => {
  database = await openAuthDatabase();
});
beforeEach(async () => {
  replica = await clientsOf(database);
  account = await replica.newAccount();
  const create = async (changes: object) =>
    (await replica.clientsService.create(newClient(changes), undefined)).client.id;
  [app, api, other] = [
    await create({}),
    await create({ kind: 'machine', scope: 'tokens:introspect' }),
    await create({}),
  ];
  const grantId = (await grantOf(replica, await browserOf(replica, account), app)) ?? '';
  const { kid } = await replica.keys.active();
  const use = await replica.oauthSessions.useGrant(grantId, kid, replica.clock.now());
  grant = {
    subject: account.id,
    clientId: app,
    scopes: ['orders:read'],
    sessionId: use?.sessionId ?? '',
    acr: 'urn:sallyport:acr:password',
  };
});
afterAll(() => database.close());

const sign = async (changes: Partial<AccessTokenGrant> = {}): Promise<string> =>
  (await replica.signer.sign({ ...grant, ...changes }, await replica.keys.active())).token;
const introspect = (asker: string, token: string) => replica.introspection.introspect(asker, token);
const inactive = { active: false };

describe('inactive to its client and to a server that may introspect', () => {
  it.each<[what: string, token: () => Promise<string>]>([
    ['what is no token', () => Promise.resolve('a.b.c')],
    [
      'a token of the first-party client',
      async () => (await openSession(replica, account)).accessToken,
    ],
    ['a token that says it is of another client', () => sign({ clientId: other })],
    ['a token that says it is of nobody’s client', () => sign({ clientId: 'nobody' })],
    ['a token of a session that is not a grant’s', () => sign({ sessionId: account.id })],
    ['a token whose subject is another', () => sign({ subject: other })],
    [
      'a token of a partner of the same id',
      async () => {
        const partner = { subject: app, clientId: app, principalType: 'partner' } as const;
        const bound = { certificateThumbprint: 'A'.repeat(43), scopes: ['orders:read'] };
        return (await replica.signer.sign({ ...partner, ...bound }, await replica.keys.active()))
          .token;
      },
    ],
  ])('%s', async (_, token) => {
    const presented = await token();
    for (const asker of [app, api]) expect(await introspect(asker, presented)).toEqual(inactive);
    expect(await introspect(app, await sign())).toMatchObject({ active: true });
  });

  it.each<[what: string, end: () => Promise<unknown>]>([
    [
      'once its account is locked',
      () =>
        sql`UPDATE accounts SET locked_at = now() WHERE id = ${account.id}`.execute(database.db),
    ],
    [
      'once an epoch of its account has begun',
      () =>
        sql`UPDATE accounts SET tokens_valid_from = ${inAMinute()} WHERE id = ${account.id}`.execute(
          database.db,
        ),
    ],
    [
      'once its client is disabled',
      () =>
        sql`UPDATE oauth_clients SET disabled_at = now() WHERE id = ${app}`.execute(database.db),
    ],
    [
      'once an epoch of its client has begun',
      () =>
        sql`UPDATE oauth_clients SET tokens_valid_from = ${inAMinute()} WHERE id = ${app}`.execute(
          database.db,
        ),
    ],
    [
      'once its session has ended',
      () => replica.ends.all(account.id, { reason: 'logout', now: replica.clock.now() }),
    ],
    [
      'once its key is tainted',
      async () => replica.keys.taint((await replica.keys.active()).kid, () => Promise.resolve()),
    ],
    [
      'the second its time is over',
      () => {
        replica.clock.advance({ seconds: 900 });
        return Promise.resolve();
      },
    ],
  ])('%s', async (_, end) => {
    const token = await sign();
    expect(await introspect(api, token)).toMatchObject({ active: true });
    await end();
    for (const asker of [app, api]) expect(await introspect(asker, token)).toEqual(inactive);
  });
  const inAMinute = () => new Date(replica.clock.now().getTime() + 60_000);

  it('to whom it is none of their business', async () => {
    const token = await sign();
    for (const asker of [other, 'nobody']) {
      expect(await introspect(asker, token)).toEqual(inactive);
    }
    expect(await introspect(app, token)).toMatchObject({ active: true });
  });
});

describe('of an active token', () => {
  it('is told what it carries, and nothing else of the account', async () => {
    const told = await introspect(api, await sign());
    expect(told).toEqual({
      active: true,
      ...{ iss: 'https://localhost:8443', aud: 'https://api.sallyport.internal' },
      ...{ sub: account.id, client_id: app, scope: 'orders:read', token_type: 'Bearer' },
      ...{ sid: grant.sessionId, acr: 'urn:sallyport:acr:password', jti: expect.any(String) },
      ...{ iat: replica.clock.epochSeconds, exp: replica.clock.epochSeconds + 900 },
    });
  });
});
