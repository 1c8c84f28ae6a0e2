import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as openid from 'openid-client';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { discoverAs, signInThrough } from '../src/oauth-sign-in';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs(...EVIDENCE, 'databases');

const SERVICE = 'sallyport.clients.v1.OauthClientService';
const LIST_ORDERS = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];
const REDIRECT_URI = 'https://app.example/callback';
const SCOPE = 'openid orders:read';

const client = new PublicClient();
const evidence = new Evidence();
let operator: Customer;
let customer: Customer;
beforeAll(async () => {
  [operator, customer] = await Promise.all([newOperator(client), signUp(client)]);
});

const order = (path: string, json?: unknown): Promise<PublicResponse> =>
  client.send({
    method: 'POST',
    path: `/admin/oauth-clients${path}`,
    accessToken: operator.accessToken,
    ...(json !== undefined && { json }),
  });

interface Registered {
  readonly id: string;
  readonly secret: string | undefined;
}

const wanted = (changes: object = {}) => ({
  id: `client-${randomUUID()}`,
  name: 'A client of a spec',
  type: 'web',
  scope: SCOPE,
  redirectUris: [REDIRECT_URI],
  ...changes,
});

async function register(changes: object = {}): Promise<Registered> {
  const asked = wanted(changes);
  const { status, json } = await order('', asked);
  expect(status).toBe(201);
  const { secret } = json as { readonly secret: string | null };
  return { id: asked.id, secret: secret ?? undefined };
}

/** Asks for anything that is for this client alone. */
const push = (id: string, secret: string | undefined): Promise<PublicResponse> =>
  client.send({
    method: 'POST',
    path: '/oauth2/par',
    headers: [['Authorization', `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`]],
    form: [
      ['client_id', id],
      ['redirect_uri', REDIRECT_URI],
      ['response_type', 'code'],
      ['scope', SCOPE],
      ['code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
      ['code_challenge_method', 'S256'],
    ],
  });

const listOrders = (accessToken: string): Promise<PublicResponse> =>
  client.send({ path: '/orders', accessToken });

describe('a client is not registered', () => {
  it.each<[what: string, changes: object, code: string]>([
    ['http', { redirectUris: ['http://app.example/callback'] }, 'oauth_redirect_uri_invalid'],
    ['a wildcard', { redirectUris: ['https://*.example/'] }, 'oauth_redirect_uri_invalid'],
    ['a fragment', { redirectUris: [`${REDIRECT_URI}#a`] }, 'oauth_redirect_uri_invalid'],
    ['a script', { redirectUris: ['javascript:alert(1)'] }, 'oauth_redirect_uri_invalid'],
    [
      'a scheme anybody may take',
      { type: 'native', redirectUris: ['myapp:/callback'] },
      'oauth_redirect_uri_invalid',
    ],
    [
      'localhost instead of the loopback address',
      { type: 'native', redirectUris: ['http://localhost/callback'] },
      'oauth_redirect_uri_invalid',
    ],
    ['a scope of operators', { scope: 'openid clients:manage' }, 'oauth_client_metadata_invalid'],
    ['an id with the look of an account’s', { id: randomUUID() }, 'oauth_client_id_invalid'],
    ['the id of the first-party client', { id: 'sallyport-web' }, 'oauth_client_id_invalid'],
  ])('with %s', async (_, changes, code) => {
    const answer = await order('', wanted(changes));

    const handled = ['POST /admin/oauth-clients', `${SERVICE}/CreateClient`];
    expect(answer).toMatchObject({ status: 400, json: { code } });
    const { handledCalls } = await evidence.of(
      { correlationId: answer.correlationId },
      (known) => known.handledCalls.length >= handled.length,
    );
    expect(handledCalls.map(({ target }) => target).sort()).toEqual([...handled].sort());
  });

  it('under the id of another', async () => {
    const { id, secret } = await register();
    expect(await order('', wanted({ id }))).toMatchObject({
      status: 409,
      json: { code: 'oauth_client_exists' },
    });
    expect((await push(id, secret)).status).toBe(201);
  });
});

describe('the redirect URI of a request', () => {
  const authorize = (id: string, redirectUri: string): Promise<PublicResponse> => {
    const query = new URLSearchParams({
      client_id: id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: SCOPE,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    return client.send({ path: `/oauth2/authorize?${query.toString()}` });
  };

  it.each([
    ['https://app.example/callback/', 'spa'],
    ['https://app.example:444/callback', 'spa'],
    ['https://app.example/callback?a=b', 'spa'],
    ['https://attacker.example/callback', 'spa'],
    ['http://127.0.0.1:5000/other', 'native'],
    ['http://localhost:5000/callback', 'native'],
    ['http://127.0.0.2:5000/callback', 'native'],
  ])('is none but the registered one: %s of a %s client', async (redirectUri, type) => {
    const registered = type === 'spa' ? REDIRECT_URI : 'http://127.0.0.1/callback';
    const { id } = await register({ type, redirectUris: [registered] });
    const answer = await authorize(id, redirectUri);
    expect(answer.status).toBe(400);
    expect(answer.headers.location).toBeUndefined();
    expect((await authorize(id, registered)).status).toBe(303);
  });

  it('has any port on the loopback address of a native client', async () => {
    const { id } = await register({ type: 'native', redirectUris: ['http://127.0.0.1/callback'] });
    const answer = await authorize(id, 'http://127.0.0.1:51004/callback');
    expect(answer.headers.location).toMatch(/^\S*\/oauth2\/interaction\//);
  });
});

describe('a secret that was replaced', () => {
  it('is refused at once without an overlap', async () => {
    const { id, secret } = await register();
    const { json } = await order(`/${id}/rotate-secret`);
    const refused = await push(id, secret);
    expect(refused).toMatchObject({ status: 401, json: { error: 'invalid_client' } });
    expect((await push(id, (json as Registered).secret)).status).toBe(201);
  });

  it('is accepted within the overlap and refused after it', async () => {
    const { id, secret } = await register();
    const rotated = performance.now();
    const { json, headers } = await order(`/${id}/rotate-secret`, { overlapSeconds: 3 });
    expect(headers['cache-control']).toBe('no-store');
    expect((await push(id, secret)).status).toBe(201);
    await delay(3_100 - (performance.now() - rotated));
    expect((await push(id, secret)).status).toBe(401);
    expect((await push(id, (json as Registered).secret)).status).toBe(201);
  });

  it('is that of one client: another’s is refused', async () => {
    const [one, other] = [await register(), await register()];
    expect((await push(one.id, other.secret)).status).toBe(401);
    expect((await push(one.id, one.secret)).status).toBe(201);
  });
});

describe('a key that was replaced', () => {
  const newKey = async (kid: string) => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const jwk = { ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), kid };
    return { jwk, credential: openid.PrivateKeyJwt({ key: pair.privateKey, kid }) };
  };

  it('is accepted while both are listed and refused afterwards', async () => {
    const [before, after, stranger] = [await newKey('1'), await newKey('2'), await newKey('1')];
    const robot = await register({
      ...{ type: 'machine', scope: 'orders:read', redirectUris: [] },
      jwks: { keys: [before.jwk] },
    });
    expect(robot.secret).toBeUndefined();
    const statusWith = async ({ credential }: typeof before): Promise<number> => {
      const config = await discoverAs(robot.id, credential);
      const granted = openid.clientCredentialsGrant(config, { scope: 'orders:read' });
      return granted
        .then(() => 200)
        .catch((error: unknown) => (error as { readonly status: number }).status);
    };
    const statuses = async () => [
      await statusWith(before),
      await statusWith(after),
      await statusWith(stranger),
    ];
    expect(await statuses()).toEqual([200, 401, 401]);
    await order(`/${robot.id}/replace-keys`, { jwks: { keys: [before.jwk, after.jwk] } });
    expect(await statuses()).toEqual([200, 200, 401]);
    await order(`/${robot.id}/replace-keys`, { jwks: { keys: [after.jwk] } });
    expect(await statuses()).toEqual([401, 200, 401]);
  });
});

describe('what a disabled client holds', () => {
  const signIn = async ({ id, secret }: Registered) => {
    const config = await discoverAs(id, secret);
    const asked = { redirectUri: REDIRECT_URI, scope: SCOPE };
    return { config, tokens: await signInThrough(client, config, customer, asked) };
  };

  it('is refused within the bound, and nothing of another client', async () => {
    const [disabled, other] = [await register({ type: 'spa' }), await register()];
    const [held, kept] = [await signIn(disabled), await signIn(other)];
    await expectPassed(await listOrders(held.tokens.access_token), {
      evidence,
      handled: LIST_ORDERS,
    });

    const since = performance.now();
    const answer = await order(`/${disabled.id}/disable`);
    expect(answer).toMatchObject({ status: 200, json: { endedSessions: 1 } });
    const { response } = await refusalWithin(
      STATED_BOUND_MS,
      () => listOrders(held.tokens.access_token),
      since,
    );
    expect(response).toMatchObject({ status: 401, json: { code: 'invalid_token' } });
    await expect(
      openid.refreshTokenGrant(held.config, held.tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_client' });
    await expect(signIn(disabled)).rejects.toThrow();

    expect((await listOrders(kept.tokens.access_token)).status).toBe(200);
    await expect(
      openid.refreshTokenGrant(kept.config, kept.tokens.refresh_token ?? ''),
    ).resolves.toBeDefined();
    expect((await listOrders(customer.accessToken)).status).toBe(200);
  });

  it('stays refused when it is enabled again, and what it gets from then on is accepted', async () => {
    const registered = await register();
    const before = await signIn(registered);
    await order(`/${registered.id}/disable`);
    expect((await push(registered.id, registered.secret)).status).toBe(401);
    expect((await order(`/${registered.id}/enable`)).status).toBe(200);
    await expect(
      openid.refreshTokenGrant(before.config, before.tokens.refresh_token ?? ''),
    ).rejects.toMatchObject({ error: 'invalid_grant' });
    const after = await signIn(registered);
    expect((await listOrders(before.tokens.access_token)).status).toBe(401);
    expect((await listOrders(after.tokens.access_token)).status).toBe(200);
  });

  it('is its own: another client cannot use its refresh token', async () => {
    const [one, other] = [await register({ type: 'spa' }), await register({ type: 'spa' })];
    const held = await signIn(one);
    const thief = await discoverAs(other.id);
    const refreshToken = held.tokens.refresh_token ?? '';
    await expect(openid.refreshTokenGrant(thief, refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    await expect(openid.refreshTokenGrant(held.config, refreshToken)).resolves.toBeDefined();
  });

  it('and the tokens of a machine too, by the client itself', async () => {
    const robot = await register({ type: 'machine', scope: 'orders:read', redirectUris: [] });
    const config = await discoverAs(robot.id, robot.secret);
    const issue = () => openid.clientCredentialsGrant(config, { scope: 'orders:read' });
    const { access_token: held } = await issue();
    const accepted = await listOrders(held);
    expect(accepted.status).not.toBe(401);
    const since = performance.now();
    await order(`/${robot.id}/disable`);
    const { response } = await refusalWithin(STATED_BOUND_MS, () => listOrders(held), since);
    await expectRefused(response, {
      evidence,
      status: 401,
      code: 'invalid_token',
      reason: 'client_revoked',
    });
    await expect(issue()).rejects.toMatchObject({ status: 401 });
    await order(`/${robot.id}/enable`);
    expect((await listOrders((await issue()).access_token)).status).not.toBe(401);
  });
});
