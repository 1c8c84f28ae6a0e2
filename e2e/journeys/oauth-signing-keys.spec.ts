import { signUp } from '../src/customers';
import { needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import { partsOf } from '../src/compact-jws';
import { eventually } from '../src/eventually';
import { introspectAs } from '../src/introspect';
import { authorizationRequest, basic, exchangeOf, post, Visitor } from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import { KeyOperator, publishedKids } from '../src/signing-keys';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs('own-cluster');

jest.setTimeout(60_000);

let own: OwnCluster;
let client: PublicClient;
let app: RegisteredClient;
beforeAll(async () => {
  own = await startOwnCluster({
    'auth-service': { SIGNING_KEY_PUBLISH_AHEAD_SECONDS: '1' },
  });
  client = new PublicClient(own.facts);
  app = await registerClient({ token_endpoint_auth_method: 'client_secret_basic' }, own.facts);
});
afterAll(() => own.stop());

const authenticated = () => basic(app.id, app.secret);
const token = (parameters: Parameters) => post(client, 'token', parameters, authenticated());
const refresh = ({ refresh_token }: Tokens) =>
  token({ grant_type: 'refresh_token', refresh_token });

/** Under a grant that goes on without the browser: the sign-in of that ends with any key, see docs/oauth.md. */
async function tokensFor(scope: string, by?: Visitor): Promise<Tokens> {
  const visitor = by ?? new Visitor(client, await signUp(client));
  const wanted = authorizationRequest(app.id, {
    scope: `${scope} offline_access`,
    prompt: 'consent',
  });
  const { json } = await post(client, 'par', wanted, authenticated());
  const { request_uri: pushed } = json as { readonly request_uri: string };
  const code = await visitor.codeFor({ client_id: app.id, request_uri: pushed });
  return (await token(exchangeOf(app.id, code))).json as Tokens;
}

/**
 * Somebody who has just signed in: what an operator held may have been signed by the key before. The gateway asks for a key
 * that is new to it once a second at most.
 */
async function operator(): Promise<KeyOperator> {
  const made = await eventually(
    () => newOperator(client, own.facts).catch(() => undefined),
    (found) => found !== undefined,
  );
  if (made === undefined) throw new Error('the gateway does not know the key that signs');
  return new KeyOperator(client, made);
}

async function replaceKey(): Promise<void> {
  const keys = await operator();
  await keys.prepareAnew();
  expect((await keys.moveOn('activate', { immediately: true })).status).toBe(200);
  // Their token is signed by the new key, which the gateway knows then.
  await operator();
}

async function taint(kid: string): Promise<void> {
  expect((await (await operator()).moveOn('taint', { kid })).status).toBe(200);
}

const kidOf = (jwt: string) => String(partsOf(jwt).header['kid']);
const isActive = async (presented: string) =>
  ((await introspectAs(client, app, presented)).json as { readonly active: boolean }).active;
const userinfo = ({ access_token: accessToken }: Tokens) =>
  client.send({ path: '/oauth2/userinfo', accessToken });
const listOrders = ({ access_token: accessToken }: Tokens) =>
  client.send({ path: '/orders', accessToken });

describe('a signing key that has leaked', () => {
  it('ends the grants it signed anything for, an ID token alone as well, and no others', async () => {
    const [identity, access] = [await tokensFor('openid'), await tokensFor('openid orders:read')];
    const leaked = kidOf(identity.id_token);
    expect(kidOf(access.access_token)).toBe(leaked);
    await replaceKey();
    const later = await tokensFor('openid');
    const laterToo = await tokensFor('openid orders:read');
    expect(kidOf(later.id_token)).not.toBe(leaked);
    expect(await publishedKids(client)).toContain(leaked);
    for (const each of [identity, later]) expect((await userinfo(each)).status).toBe(200);
    for (const each of [access, laterToo]) expect((await listOrders(each)).status).toBe(200);

    const since = performance.now();
    await taint(leaked);

    expect(await isActive(access.access_token)).toBe(false);
    await refusalWithin(STATED_BOUND_MS, () => listOrders(access), since);
    expect((await userinfo(identity)).status).toBe(401);
    for (const each of [identity, access]) {
      expect(await isActive(each.refresh_token)).toBe(false);
      expect(await refresh(each)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    }

    expect((await userinfo(later)).status).toBe(200);
    expect((await listOrders(laterToo)).status).toBe(200);
    for (const each of [later, laterToo]) {
      expect(await isActive(each.access_token)).toBe(true);
      expect((await refresh(each)).status).toBe(200);
    }
  });

  it('ends a grant that got an ID token alone of it, after others of another key', async () => {
    const visitor = new Visitor(client, await signUp(client));
    const held = await tokensFor('openid orders:read', visitor);
    const kept = await tokensFor('openid orders:read');
    await replaceKey();
    const identity = await tokensFor('openid', visitor);
    const leaked = kidOf(identity.id_token);
    expect(leaked).not.toBe(kidOf(held.id_token));
    expect((await userinfo(identity)).status).toBe(200);
    expect(await isActive(held.access_token)).toBe(true);

    await taint(leaked);

    expect((await userinfo(identity)).status).toBe(401);
    expect(await isActive(held.access_token)).toBe(false);
    for (const each of [held, identity]) {
      expect(await refresh(each)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } });
    }
    expect(await isActive(kept.access_token)).toBe(true);
    expect((await refresh(kept)).status).toBe(200);
  });
});
