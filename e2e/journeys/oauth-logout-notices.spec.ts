import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { askAuthDatabase } from '../src/auth-database';
import { BackChannel } from '../src/back-channel';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import { authorizationRequest, exchangeOf, post, refreshOf, Visitor } from '../src/oauth-requests';
import type { Tokens } from '../src/oauth-requests';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { revoke } from '../src/revoke';

needs('databases', 'shared-loopback');

jest.setTimeout(60_000);

const client = new PublicClient();
const { gatewayUrl: issuer } = sharedCluster();
/** Longer than a notice waits for its turn, and than one takes. */
const LONG_ENOUGH_MS = 2_500;

let channel: BackChannel;
let app: RegisteredClient;
let operator: Customer;
beforeAll(async () => {
  channel = await BackChannel.open();
  [app, operator] = await Promise.all([registerClient(channel.metadata), newOperator(client)]);
});
afterAll(() => {
  channel.close();
});

interface SignedIn {
  readonly customer: Customer;
  readonly code: string;
  readonly tokens: Tokens;
}

async function signIn(scope = 'openid orders:read'): Promise<SignedIn> {
  const customer = await signUp(client);
  const visitor = new Visitor(client, customer);
  const code = await visitor.codeFor(authorizationRequest(app.id, { scope }));
  const { json } = await post(client, 'token', exchangeOf(app.id, code));
  return { customer, code, tokens: json as Tokens };
}

const as = (
  { accessToken }: Pick<Customer, 'accessToken'>,
  method: string,
  path: string,
  json?: unknown,
): Promise<PublicResponse> =>
  client.send({ method, path, accessToken, ...(json !== undefined && { json }) });

const sidOf = ({ tokens }: SignedIn) => String(partsOf(tokens.access_token).payload['sid']);

async function browserSession({ customer }: SignedIn): Promise<string> {
  const [row] = await askAuthDatabase<{ readonly id: string }>(
    sharedCluster(),
    'SELECT id FROM sessions WHERE account_id = $1 AND browser_uid IS NOT NULL',
    [customer.userId],
  );
  return row?.id ?? '';
}

/** Somebody of whose end of a session the client is to hear nothing, once all that there was to tell has been told. */
type Silence = () => Promise<Pick<Customer, 'userId'>>;

const UNTOLD: readonly (readonly [what: string, happens: Silence])[] = [
  [
    'of somebody whom it was given no ID token for',
    async () => {
      const { customer } = await signIn('orders:read');
      await as(customer, 'POST', '/auth/logout-all');
      return customer;
    },
  ],
  [
    'of the end of a session that is not its own',
    async () => {
      const { customer } = await signIn();
      await as(customer, 'DELETE', `/auth/sessions/${customer.sessionId}`);
      return customer;
    },
  ],
  [
    'once it is disabled',
    async () => {
      const gone = await registerClient(channel.metadata);
      const customer = await signUp(client);
      const visitor = new Visitor(client, customer);
      const code = await visitor.codeFor(authorizationRequest(gone.id));
      await post(client, 'token', exchangeOf(gone.id, code));
      await as(operator, 'POST', `/admin/oauth-clients/${gone.id}/disable`);
      return customer;
    },
  ],
];

const TOLD: readonly (readonly [ending: string, end: (of: SignedIn) => Promise<unknown>])[] = [
  [
    'the account was locked',
    ({ customer: { email } }) => as(operator, 'POST', '/admin/accounts/lock', { account: email }),
  ],
  ['all sessions were ended', ({ customer }) => as(customer, 'POST', '/auth/logout-all')],
  ['all sessions but one were ended', ({ customer }) => as(customer, 'DELETE', '/auth/sessions')],
  [
    'the password was changed',
    ({ customer }) =>
      as(customer, 'POST', '/auth/password', {
        currentPassword: customer.password,
        newPassword: randomBytes(18).toString('base64url'),
      }),
  ],
  [
    'the session of the grant was ended from the list',
    (of) => as(of.customer, 'DELETE', `/auth/sessions/${sidOf(of)}`),
  ],
  [
    'the sign-in of the browser was ended from the list',
    async (of) => as(of.customer, 'DELETE', `/auth/sessions/${await browserSession(of)}`),
  ],
  ['a refresh token was revoked', ({ tokens }) => revoke(client, tokens.refresh_token)],
  [
    'a refresh token was used twice',
    async ({ tokens }) => {
      await post(client, 'token', refreshOf(app.id, tokens.refresh_token));
      await post(client, 'token', refreshOf(app.id, tokens.refresh_token));
    },
  ],
  ['a code was used twice', ({ code }) => post(client, 'token', exchangeOf(app.id, code))],
];

describe('a client', () => {
  /** Everything has happened, one thing after the other, and been waited for together. */
  const untold = new Map<string, Pick<Customer, 'userId'>>();
  const ended = new Map<string, SignedIn>();
  let bystander: SignedIn;
  beforeAll(async () => {
    for (const [what, happens] of UNTOLD) untold.set(what, await happens());
    bystander = await signIn();
    for (const [ending, end] of TOLD) {
      const of = await signIn();
      await end(of);
      ended.set(ending, of);
    }
    for (const { customer } of ended.values()) await channel.told(customer);
    await delay(LONG_ENOUGH_MS);
  });

  it.each(UNTOLD)('is not told %s', (what) => {
    const customer = untold.get(what);
    expect(customer).toBeDefined();
    expect(customer && channel.about(customer)).toEqual([]);
  });

  it.each(TOLD)('is told, once, when %s', async (ending) => {
    const of = ended.get(ending);
    if (of === undefined) throw new Error('nobody has signed in');
    const [token = '', ...more] = channel.about(of.customer);
    const { json: keys } = await client.send({ path: '/.well-known/jwks.json' });
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys as JSONWebKeySet), {
      issuer,
      audience: app.id,
      algorithms: ['RS256'],
      typ: 'logout+jwt',
    });
    expect(payload).toEqual({
      ...{ iss: issuer, aud: app.id, sub: of.customer.userId },
      sid: partsOf(of.tokens.id_token).payload['sid'],
      ...{ iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) },
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    expect(more).toEqual([]);
  });

  it('is told of nobody who has ended nothing', () => {
    expect(channel.about(bystander.customer)).toEqual([]);
  });
});

describe('a client that does not take what it is told', () => {
  it('is told again, until it does', async () => {
    const failing = await BackChannel.open();
    const own = await registerClient(failing.metadata);
    const customer = await signUp(client);
    const visitor = new Visitor(client, customer);
    const code = await visitor.codeFor(authorizationRequest(own.id));
    await post(client, 'token', exchangeOf(own.id, code));
    failing.answers.push(500);

    await as(customer, 'POST', '/auth/logout-all');

    expect(await failing.told(customer, 2)).not.toBe('');
    const left = await askAuthDatabase(
      sharedCluster(),
      'SELECT FROM oauth_logout_notices WHERE client_id = $1 AND attempts <> 2',
      [own.id],
    );
    expect(left).toEqual([]);
    failing.close();
  });
});
