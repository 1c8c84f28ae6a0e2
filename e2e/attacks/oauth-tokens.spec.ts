import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { TokenMint } from '@sallyport/testing';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as openid from 'openid-client';
import { askAuthDatabase } from '../src/auth-database';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { Evidence } from '../src/evidence';
import type { Traces } from '../src/evidence';
import { signUp } from '../src/customers';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  basic,
  CHALLENGE,
  exchangeOf,
  post,
  refreshOf,
  Visitor,
} from '../src/oauth-requests';
import type { Parameters, Tokens } from '../src/oauth-requests';
import { discoverAs } from '../src/oauth-sign-in';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs(...EVIDENCE, 'databases');

const client = new PublicClient();
const evidence = new Evidence();
const hasSecurityEvents = ({ securityEvents }: Traces): boolean => securityEvents.length > 0;
const { gatewayUrl: issuer } = sharedCluster();

let app: RegisteredClient;
let other: RegisteredClient;
let visitor: Visitor;
beforeAll(async () => {
  [app, other] = await Promise.all([registerClient(), registerClient()]);
  visitor = new Visitor(client, await signUp(client));
  await visitor.codeFor(authorizationRequest(app.id));
});

const token = (parameters: Parameters, headers: WireHeaders = []): Promise<PublicResponse> =>
  post(client, 'token', parameters, headers);
const newCode = (changes: Parameters = {}): Promise<string> =>
  visitor.codeFor(authorizationRequest(app.id, changes));
const listOrders = (accessToken: string): Promise<PublicResponse> =>
  client.send({ path: '/orders', accessToken });

/** Under a grant of its own: what ends it ends nothing of another case. */
async function newTokens(): Promise<{
  readonly owner: RegisteredClient;
  readonly code: string;
  readonly tokens: Tokens;
}> {
  const owner = await registerClient();
  const code = await visitor.codeFor(authorizationRequest(owner.id));
  return { owner, code, tokens: tokensOf(await token(exchangeOf(owner.id, code))) };
}

function tokensOf({ status, body, json }: PublicResponse): Tokens {
  if (status !== 200) throw new Error(body);
  return json as Tokens;
}

/** RFC 6749 section 5.2. */
function expectError(answer: PublicResponse, status: number, error: string): void {
  expect(answer).toMatchObject({ status, json: { error } });
  expect(answer.headers['cache-control']).toBe('no-store');
  const told = Object.keys(answer.json as object).filter((name) => name !== 'scope');
  expect(told.sort()).toEqual(['error', 'error_description']);
}

/** That what a grant gave is over: the access token at the gateway, the refresh token at the token endpoint. */
async function expectEnded(id: string, tokens: Tokens, since: number): Promise<void> {
  const { response } = await refusalWithin(
    STATED_BOUND_MS,
    () => listOrders(tokens.access_token),
    since,
  );
  expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
  expectError(await token(refreshOf(id, tokens.refresh_token)), 400, 'invalid_grant');
}

describe('a code is not exchanged', () => {
  it.each<[what: string, changes: () => Parameters, status: number, error: string]>([
    ['without the verifier', () => ({ code_verifier: undefined }), 400, 'invalid_grant'],
    ['with another verifier', () => ({ code_verifier: 'x'.repeat(43) }), 400, 'invalid_grant'],
    ['with the challenge as verifier', () => ({ code_verifier: CHALLENGE }), 400, 'invalid_grant'],
    ['with a short verifier', () => ({ code_verifier: 'short' }), 400, 'invalid_request'],
    ['without the redirect URI', () => ({ redirect_uri: undefined }), 400, 'invalid_request'],
    [
      'with another redirect URI',
      () => ({ redirect_uri: 'https://app.example/callback/' }),
      400,
      'invalid_grant',
    ],
    ['by another client', () => ({ client_id: other.id }), 400, 'invalid_grant'],
    ['by an unknown client', () => ({ client_id: 'client-of-nobody' }), 401, 'invalid_client'],
    ['by nobody', () => ({ client_id: undefined }), 400, 'invalid_request'],
    ['by a client with a secret it has not', () => ({ client_secret: 'a' }), 401, 'invalid_client'],
    ['when it is another', () => ({ code: 'a'.repeat(43) }), 400, 'invalid_grant'],
    ['when there is none', () => ({ code: undefined }), 400, 'invalid_request'],
    ['when there are two', () => ({ code: ['a', 'b'] }), 400, 'invalid_request'],
    ['by no grant', () => ({ grant_type: undefined }), 400, 'invalid_request'],
    ['by a grant nobody knows', () => ({ grant_type: 'other' }), 400, 'unsupported_grant_type'],
    [
      'by a password',
      () => ({ grant_type: 'password', username: 'a', password: 'b' }),
      400,
      'unsupported_grant_type',
    ],
    ['implicitly', () => ({ grant_type: 'implicit' }), 400, 'unsupported_grant_type'],
    [
      'by a grant the client is not registered for',
      () => ({ grant_type: 'client_credentials' }),
      400,
      'unauthorized_client',
    ],
  ])('%s', async (_, changes, status, error) => {
    const code = await newCode();
    expectError(await token(exchangeOf(app.id, code, changes())), status, error);
    expect((await token(exchangeOf(app.id, code))).status).toBe(200);
  });

  it('after a minute', async () => {
    const code = await newCode();
    const rows = await askAuthDatabase<{ readonly seconds: number }>(
      sharedCluster(),
      `UPDATE oauth_artifacts SET expires_at = now()
       WHERE kind = 'AuthorizationCode' AND id_hash = sha256($1)
       RETURNING (payload->>'exp')::int - (payload->>'iat')::int AS seconds`,
      [code],
    );
    expect(rows).toEqual([{ seconds: 60 }]);
    expectError(await token(exchangeOf(app.id, code)), 400, 'invalid_grant');
  });

  it.each([
    ['an unknown resource', ['https://other.example/']],
    ['what is no URI', ['orders']],
    ['several resources', ['https://other.example/', 'https://api.sallyport.internal']],
  ])('for %s, and is not used up', async (_, resource) => {
    const code = await newCode();
    expectError(await token(exchangeOf(app.id, code, { resource })), 400, 'invalid_target');
    expect((await token(exchangeOf(app.id, code))).status).toBe(200);
  });

  it('for a resource it was not given for, and is not used up', async () => {
    const code = await newCode({ scope: 'openid' });
    const resource = 'https://api.sallyport.internal';
    expectError(await token(exchangeOf(app.id, code, { resource })), 400, 'invalid_target');
    expect((await token(exchangeOf(app.id, code))).status).toBe(200);
  });

  it('a second time for an unknown resource: it has ended what it gave', async () => {
    const { owner, code, tokens } = await newTokens();
    const again = exchangeOf(owner.id, code, { resource: 'https://other.example/' });
    const since = performance.now();
    expectError(await token(again), 400, 'invalid_grant');
    await expectEnded(owner.id, tokens, since);
  });

  it('as JSON', async () => {
    const code = await newCode();
    const json = exchangeOf(app.id, code);
    const answer = await client.send({ method: 'POST', path: '/oauth2/token', json });
    expect(answer).toMatchObject({ status: 400, json: { error: 'invalid_request' } });
    expect((await token(exchangeOf(app.id, code))).status).toBe(200);
  });

  it('for scopes that were not asked for, or that nobody can be granted', async () => {
    const code = await newCode({ scope: 'openid orders:read keys:manage audit:read' });
    const { access_token: accessToken } = tokensOf(await token(exchangeOf(app.id, code)));
    expect(partsOf(accessToken).payload).toMatchObject({ scope: 'orders:read' });
  });
});

describe('a code that is used twice', () => {
  it('ends what it gave', async () => {
    const owner = await registerClient();
    const code = await visitor.codeFor(authorizationRequest(owner.id));
    const tokens = tokensOf(await token(exchangeOf(owner.id, code)));
    expect((await listOrders(tokens.access_token)).status).toBe(200);

    const since = performance.now();
    expectError(await token(exchangeOf(owner.id, code)), 400, 'invalid_grant');
    await expectEnded(owner.id, tokens, since);
  });

  it('at the same time gives tokens once at most, and they end', async () => {
    const owner = await registerClient();
    const code = await visitor.codeFor(authorizationRequest(owner.id));
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => token(exchangeOf(owner.id, code))),
    );
    const since = performance.now();
    const [won, ...further] = answers.filter(({ status }) => status === 200);
    expect(further).toEqual([]);
    for (const lost of answers.filter((answer) => answer !== won)) {
      expectError(lost, 400, 'invalid_grant');
    }
    if (won !== undefined) await expectEnded(owner.id, tokensOf(won), since);
  });
});

describe('a refresh token', () => {
  it.each<[what: string, changes: () => Parameters, error: string]>([
    ['by another client', () => ({ client_id: other.id }), 'invalid_grant'],
    ['with a scope that was not granted', () => ({ scope: 'orders:write' }), 'invalid_scope'],
    ['when it is another', () => ({ refresh_token: 'a'.repeat(43) }), 'invalid_grant'],
    ['when there is none', () => ({ refresh_token: undefined }), 'invalid_request'],
    ['for an unknown resource', () => ({ resource: 'https://other.example/' }), 'invalid_target'],
  ])('is not used %s', async (_, changes, error) => {
    const { owner, tokens } = await newTokens();
    const right = refreshOf(owner.id, tokens.refresh_token);
    expectError(await token({ ...right, ...changes() }), 400, error);
    expect((await token(right)).status).toBe(200);
  });

  it('that was used before ends its family', async () => {
    const { owner, tokens } = await newTokens();
    const right = refreshOf(owner.id, tokens.refresh_token);
    const successor = tokensOf(await token(right));
    expect(successor.refresh_token).not.toBe(tokens.refresh_token);
    expect((await listOrders(successor.access_token)).status).toBe(200);

    const since = performance.now();
    expectError(await token(right), 400, 'invalid_grant');
    await expectEnded(owner.id, successor, since);
    expect((await listOrders(tokens.access_token)).status).toBe(401);
  });

  it('used several times at once gives tokens once at most, and they end', async () => {
    const { owner, tokens } = await newTokens();
    const right = refreshOf(owner.id, tokens.refresh_token);
    const answers = await Promise.all(Array.from({ length: 4 }, () => token(right)));
    const since = performance.now();
    const [won, ...further] = answers.filter(({ status }) => status === 200);
    expect(further).toEqual([]);
    await expectEnded(owner.id, won === undefined ? tokens : tokensOf(won), since);
  });

  it('does not move its own end when it is rotated', async () => {
    const { owner, tokens } = await newTokens();
    const { refresh_token: next } = tokensOf(
      await token(refreshOf(owner.id, tokens.refresh_token)),
    );
    const [first, second] = await Promise.all(
      [tokens.refresh_token, next].map((value) =>
        askAuthDatabase<{ readonly at: Date }>(
          sharedCluster(),
          `SELECT expires_at AS at FROM oauth_artifacts
           WHERE kind = 'RefreshToken' AND id_hash = sha256($1)`,
          [value],
        ),
      ),
    );
    const end = Number(first?.[0]?.at);
    expect(Math.abs(Number(second?.[0]?.at) - end)).toBeLessThan(2_000);
  });
});

describe('a client that authenticates by its secret', () => {
  const machine = (method: string) =>
    registerClient({
      token_endpoint_auth_method: method,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
    });
  let server: RegisteredClient;
  let poster: RegisteredClient;
  beforeAll(async () => {
    [server, poster] = await Promise.all([
      machine('client_secret_basic'),
      machine('client_secret_post'),
    ]);
  });
  const asked = { grant_type: 'client_credentials', scope: 'orders:read' };
  const inBody = ({ id, secret }: RegisteredClient) => ({ client_id: id, client_secret: secret });

  it.each<[string, () => readonly [Parameters, WireHeaders], number, string]>([
    ['another secret', () => [{}, basic(server.id, 'wrong')], 401, 'invalid_client'],
    ['the secret of another', () => [{}, basic(server.id, poster.secret)], 401, 'invalid_client'],
    ['the stored hash', () => [{}, basic(server.id, 'kept-as-a-hash')], 401, 'invalid_client'],
    ['an unknown client', () => [{}, basic('client-of-nobody', 'a')], 401, 'invalid_client'],
    ['no secret', () => [{}, basic(server.id)], 400, 'invalid_request'],
    ['the secret in the form', () => [inBody(server), []], 401, 'invalid_client'],
    [
      'the secret in the header, where it belongs in the form',
      () => [{}, basic(poster.id, poster.secret)],
      401,
      'invalid_client',
    ],
    ['its id alone', () => [{ client_id: server.id }, []], 401, 'invalid_client'],
    ['nothing', () => [{}, []], 400, 'invalid_request'],
    ['another scheme', () => [{}, [['Authorization', 'Digest a']]], 400, 'invalid_request'],
    ['what is not base64', () => [{}, [['Authorization', 'Basic ?']]], 400, 'invalid_request'],
    [
      'header and body',
      () => [inBody(server), basic(server.id, server.secret)],
      400,
      'invalid_request',
    ],
    [
      'header and assertion',
      () => [{ client_assertion: 'a.b.c' }, basic(server.id, server.secret)],
      400,
      'invalid_request',
    ],
    [
      'the id of another in the body',
      () => [{ client_id: poster.id }, basic(server.id, server.secret)],
      400,
      'invalid_request',
    ],
  ])('is refused with %s', async (_, wrong, status, error) => {
    const [parameters, headers] = wrong();
    const answer = await token({ ...asked, ...parameters }, headers);
    expectError(answer, status, error);
    if (status === 401 && headers.length > 0) {
      expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="/);
    }
    if (status === 401) {
      const { correlationId } = answer;
      const { securityEvents } = await evidence.of({ correlationId }, hasSecurityEvents);
      expect(securityEvents).toMatchObject([
        { service: 'auth-service', outcome: 'refused', reason: 'client_authentication_failed' },
      ]);
    }
    expect((await token(asked, basic(server.id, server.secret))).status).toBe(200);
    expect((await token({ ...asked, ...inBody(poster) })).status).toBe(200);
  });

  it('is refused a grant it is not registered for', async () => {
    const { tokens } = await newTokens();
    const answer = await token(
      { grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      basic(server.id, server.secret),
    );
    expectError(answer, 400, 'unauthorized_client');
  });

  it('gets no scope beyond its own, and no refresh or ID token', async () => {
    const credentials = basic(server.id, server.secret);
    expectError(
      await token({ ...asked, scope: 'orders:write' }, credentials),
      400,
      'invalid_scope',
    );
    const { json } = await token(asked, credentials);
    expect(Object.keys(json as object).sort()).toEqual([
      'access_token',
      'expires_in',
      'scope',
      'token_type',
    ]);
  });
});

describe('a client that authenticates by its key', () => {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const strange = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  let robot: RegisteredClient;
  beforeAll(async () => {
    const jwk = { ...own.publicKey.export({ format: 'jwk' }), kid: '1' };
    robot = await registerClient({
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
      jwks: { keys: [jwk] },
    });
  });

  interface Assertion {
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly key?: KeyObject;
  }
  const now = () => Math.floor(Date.now() / 1000);
  const assertion = ({ claims = {}, key = own.privateKey }: Assertion = {}): Promise<string> => {
    const right = { iss: robot.id, sub: robot.id, aud: issuer, exp: now() + 60, jti: randomUUID() };
    return new SignJWT({ ...right, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: '1' })
      .sign(key);
  };
  const asks = (clientAssertion: string, headers?: WireHeaders) =>
    token(
      {
        grant_type: 'client_credentials',
        scope: 'orders:read',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: clientAssertion,
      },
      headers,
    );

  it.each<[what: string, assertion: () => Assertion]>([
    ['another key', () => ({ key: strange.privateKey })],
    ['another audience', () => ({ claims: { aud: 'https://other.example' } })],
    ['the token endpoint as audience', () => ({ claims: { aud: `${issuer}/oauth2/token` } })],
    ['several audiences', () => ({ claims: { aud: [issuer, 'https://other.example'] } })],
    ['no audience', () => ({ claims: { aud: undefined } })],
    ['an end that has passed', () => ({ claims: { exp: now() - 60 } })],
    ['no end', () => ({ claims: { exp: undefined } })],
    ['an end far off', () => ({ claims: { exp: now() + 3_600 } })],
    ['a beginning to come', () => ({ claims: { nbf: now() + 60 } })],
    ['another issuer', () => ({ claims: { iss: 'client-of-nobody' } })],
    ['another subject', () => ({ claims: { sub: app.id } })],
    ['no id', () => ({ claims: { jti: undefined } })],
    ['a name that no client can have', () => ({ claims: { iss: '\0', sub: '\0' } })],
  ])('is refused with %s', async (_, wrong) => {
    expectError(await asks(await assertion(wrong())), 401, 'invalid_client');
    expect((await asks(await assertion())).status).toBe(200);
  });

  it('is refused without a signature, or with one of a shared secret', async () => {
    const [, payload = ''] = (await assertion()).split('.');
    for (const alg of ['none', 'HS256']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: '1' })).toString('base64url');
      const signature = alg === 'none' ? '' : 'AAAA';
      expectError(await asks(`${header}.${payload}.${signature}`), 401, 'invalid_client');
    }
    expect((await asks(await assertion())).status).toBe(200);
  });

  it('is refused with RS256, which is not offered', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const signed = await new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: '1' })
      .setIssuer(robot.id)
      .setSubject(robot.id)
      .setAudience(issuer)
      .setExpirationTime('1m')
      .setJti(randomUUID())
      .sign(privateKey);
    expectError(await asks(signed), 401, 'invalid_client');
  });

  it.each(['junk', 'a.b.c'])('is not taken beside %j for a DPoP proof', async (proof) => {
    const answer = await asks(await assertion(), [['DPoP', proof]]);
    expectError(answer, 400, 'invalid_dpop_proof');
    expect((await asks(await assertion())).status).toBe(200);
  });

  it('may have a clock that is ahead by seconds', async () => {
    const ahead = await assertion({ claims: { nbf: now() + 8, iat: now() + 8 } });
    expect((await asks(ahead)).status).toBe(200);
  });

  it('is refused the second time, at the same time as well', async () => {
    const used = await assertion();
    expect((await asks(used)).status).toBe(200);
    expectError(await asks(used), 401, 'invalid_client');

    const contested = await assertion();
    const answers = await Promise.all(Array.from({ length: 5 }, () => asks(contested)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
  });

  it('gets a token of its own', async () => {
    const { access_token: accessToken } = tokensOf(await asks(await assertion()));
    expect(partsOf(accessToken)).toMatchObject({
      header: { typ: 'at+jwt', alg: 'RS256' },
      payload: { sub: robot.id, client_id: robot.id, scope: 'orders:read', iss: issuer },
    });
    expect(partsOf(accessToken).payload).not.toHaveProperty('sid');
  });

  it.each(['PS256', 'ES256', 'Ed25519'])('is taken by %s, from openid-client', async (alg) => {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const machine = await registerClient({
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      scope: 'orders:read',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: '1' }] },
    });
    const credential = openid.PrivateKeyJwt({ key: privateKey, kid: '1' });
    const config = await discoverAs(machine.id, credential);
    const tokens = await openid.clientCredentialsGrant(config, { scope: 'orders:read' });
    expect(partsOf(tokens.access_token).payload).toMatchObject({ sub: machine.id });
  });
});

describe('a token of another issuer', () => {
  it('is refused at the gateway, whoever signs people in there', async () => {
    const { tokens } = await newTokens();
    const { payload } = partsOf(tokens.access_token);
    const idp = new TokenMint({ issuer: 'https://idp.example' });
    const foreign = idp.accessToken({ payload: { ...payload, iss: idp.issuer } });
    expect(await listOrders(foreign)).toMatchObject({
      status: 401,
      problem: { code: 'invalid_token' },
    });
    expect((await listOrders(tokens.id_token)).status).toBe(401);
    expect((await listOrders(tokens.access_token)).status).toBe(200);
  });
});
