import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { DpopProver } from '@sallyport/testing';
import type { ProofOverrides } from '@sallyport/testing';
import { sharedCluster } from '../src/cluster-facts';
import { partsOf } from '../src/compact-jws';
import { signUp } from '../src/customers';
import { DpopClient } from '../src/dpop-client';
import type { BoundTokens } from '../src/dpop-client';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { registerClient } from '../src/oauth-clients';
import type { RegisteredClient } from '../src/oauth-clients';
import {
  authorizationRequest,
  basic,
  exchangeOf,
  post,
  refreshOf,
  Visitor,
} from '../src/oauth-requests';
import { PublicClient } from '../src/public-client';
import type { WireHeaders } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { refusalWithin, STATED_BOUND_MS } from '../src/time-to-refusal';

needs(...EVIDENCE, 'databases');

const client = new PublicClient();
const evidence = new Evidence();
const { gatewayUrl } = sharedCluster();
const { origin } = new URL(gatewayUrl);
const holder = new DpopClient(client, origin);
const thief = new DpopClient(client, origin);
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const now = () => Math.floor(Date.now() / 1000);
const handled = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];

let app: RegisteredClient;
let visitor: Visitor;
let tokens: BoundTokens;
beforeAll(async () => {
  app = await registerClient();
  visitor = new Visitor(client, await signUp(client));
  tokens = await holder.tokensOf(visitor, app.id);
});

const listOrders = (headers: WireHeaders): Promise<PublicResponse> =>
  client.send({ path: '/orders', headers });
const withProof = (overrides: ProofOverrides = {}): WireHeaders =>
  holder.headersFor('/orders', tokens.access_token, overrides);
const bearer = (): WireHeaders => [['Authorization', `Bearer ${tokens.access_token}`]];

interface Attack {
  readonly reason: string;
  readonly headers: () => WireHeaders;
  /** Of the problem; that of a proof unless given. */
  readonly code?: 'invalid_token';
}

describe('a key-bound token that was stolen is worth nothing', () => {
  it.each<[string, Attack]>([
    [
      'as a Bearer token',
      { reason: 'token_proof_missing', code: 'invalid_token', headers: bearer },
    ],
    [
      'as a Bearer token with a proof of the thief',
      {
        reason: 'token_proof_missing',
        code: 'invalid_token',
        headers: () => [
          ...bearer(),
          thief.headersFor('/orders', tokens.access_token)[1] ?? ['', ''],
        ],
      },
    ],
    [
      'without a proof',
      {
        reason: 'dpop_proof_missing',
        headers: () => [['Authorization', `DPoP ${tokens.access_token}`]],
      },
    ],
    [
      'with a proof of another key',
      {
        reason: 'dpop_proof_key_wrong',
        code: 'invalid_token',
        headers: () => thief.headersFor('/orders', tokens.access_token),
      },
    ],
    [
      'with the right key in the header and a signature by another',
      {
        reason: 'dpop_proof_signature_invalid',
        headers: () => withProof({ privateKey: new DpopProver().privateKey }),
      },
    ],
    [
      'with a proof for the token endpoint',
      {
        reason: 'dpop_proof_claims_invalid',
        headers: () => [
          ['Authorization', `DPoP ${tokens.access_token}`],
          ...holder.proofFor('token'),
        ],
      },
    ],
    [
      'with a proof for another path',
      {
        reason: 'dpop_proof_uri_wrong',
        headers: () => holder.headersFor('/invoices', tokens.access_token),
      },
    ],
    [
      'with a proof for another host',
      {
        reason: 'dpop_proof_uri_wrong',
        headers: () => withProof({ payload: { htu: 'https://evil.example/orders' } }),
      },
    ],
    [
      'with a proof for another method',
      {
        reason: 'dpop_proof_method_wrong',
        headers: () => holder.headersFor('/orders', tokens.access_token, {}, 'POST'),
      },
    ],
    [
      'with a proof for another token',
      {
        reason: 'dpop_proof_token_wrong',
        headers: () => [
          ['Authorization', `DPoP ${tokens.access_token}`],
          holder.headersFor('/orders', 'another')[1] ?? ['', ''],
        ],
      },
    ],
    [
      'with a proof of two minutes ago',
      {
        reason: 'dpop_proof_not_recent',
        headers: () => withProof({ payload: { iat: now() - 120 } }),
      },
    ],
    [
      'with a proof made in advance',
      {
        reason: 'dpop_proof_not_recent',
        headers: () => withProof({ payload: { iat: now() + 120 } }),
      },
    ],
    [
      'with a proof of alg none',
      {
        reason: 'dpop_proof_algorithm_refused',
        headers: () => withProof({ header: { alg: 'none' } }),
      },
    ],
    [
      'with a proof by HS256 over the public key',
      {
        reason: 'dpop_proof_algorithm_refused',
        headers: () =>
          withProof({
            header: { alg: 'HS256' },
            signature: (input) =>
              createHmac('sha256', JSON.stringify(holder.prover.publicJwk)).update(input).digest(),
          }),
      },
    ],
    [
      'with a proof by RS256',
      {
        reason: 'dpop_proof_algorithm_refused',
        headers: () =>
          withProof({
            header: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) },
            signature: (input) => sign('sha256', Buffer.from(input), rsa.privateKey),
          }),
      },
    ],
    [
      'with a proof that gives its private key away',
      {
        reason: 'dpop_proof_key_refused',
        headers: () =>
          withProof({ header: { jwk: holder.prover.privateKey.export({ format: 'jwk' }) } }),
      },
    ],
    [
      'with a proof by a symmetric key',
      {
        reason: 'dpop_proof_key_refused',
        headers: () => withProof({ header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } } }),
      },
    ],
    [
      'with a proof whose key is to be fetched',
      {
        reason: 'dpop_proof_key_reference_refused',
        headers: () => withProof({ header: { jku: 'https://evil.example/keys' } }),
      },
    ],
    [
      'with a proof of type JWT',
      { reason: 'dpop_proof_type_wrong', headers: () => withProof({ header: { typ: 'JWT' } }) },
    ],
    [
      'with what is no proof',
      {
        reason: 'dpop_proof_malformed',
        headers: () => [
          ['Authorization', `DPoP ${tokens.access_token}`],
          ['DPoP', 'nonsense'],
        ],
      },
    ],
  ])('%s', async (_name, { reason, headers, code = 'invalid_dpop_proof' }) => {
    const answer = await listOrders(headers());

    await expectRefused(answer, { evidence, status: 401, code, reason });
    expect(answer.headers['www-authenticate']).toMatch(
      new RegExp(`^DPoP realm="sallyport", error="${code}", .*, algs="ES256 PS256 EdDSA Ed25519"$`),
    );
    expect((await listOrders(withProof())).status).toBe(200);
  });

  it('with a proof that was presented before, at the same time as well', async () => {
    const headers = withProof();
    const answers = await Promise.all(Array.from({ length: 8 }, () => listOrders(headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      200,
      ...Array<number>(7).fill(401),
    ]);

    const reason = 'dpop_proof_replayed';
    const answer = await listOrders(headers);
    await expectRefused(answer, { evidence, status: 401, code: 'invalid_dpop_proof', reason });
  });

  it('with two proofs', async () => {
    const headers = [...withProof(), ...withProof().slice(1)];
    const answer = await listOrders(headers);
    await expectRefused(answer, { evidence, status: 400, code: 'header_repeated' });
  });

  it('with its proof in the URL', async () => {
    const [authorization = ['', ''], [, proof] = ['', '']] = withProof();
    const path = `/orders?dpop=${proof}`;
    const answer = await client.send({ path, headers: [authorization] });
    await expectRefused(answer, { evidence, status: 400, code: 'credential_in_url' });
  });

  it('while it opens what it should for who holds the key', async () => {
    await expectPassed(await listOrders(withProof()), { evidence, handled });
  });
});

describe('a token that is bound to nothing', () => {
  it('is refused under DPoP, and beside a proof', async () => {
    const { accessToken } = await signUp(client);
    const headers = holder.headersFor('/orders', accessToken);
    const reason = 'token_not_key_bound';
    const answer = await listOrders(headers);
    await expectRefused(answer, { evidence, status: 401, code: 'invalid_token', reason });

    const beside = await client.send({ path: '/orders', accessToken, headers: headers.slice(1) });
    await expectRefused(beside, {
      ...{ evidence, status: 401, code: 'invalid_dpop_proof' },
      reason: 'dpop_proof_unexpected',
    });
    expect((await client.send({ path: '/orders', accessToken })).status).toBe(200);
  });
});

describe('the token endpoint', () => {
  const newCode = () => visitor.codeFor(authorizationRequest(app.id));

  function expectError(answer: PublicResponse, status: number, error: string): void {
    expect(answer).toMatchObject({ status, json: { error } });
    expect(answer.headers['cache-control']).toBe('no-store');
  }

  it.each<[string, ProofOverrides]>([
    ['for another method', { payload: { htm: 'GET' } }],
    ['for another endpoint', { payload: { htu: `${origin}/oauth2/par` } }],
    ['for another host', { payload: { htu: 'https://evil.example/oauth2/token' } }],
    ['without an id', { payload: { jti: undefined } }],
    ['without a time', { payload: { iat: undefined } }],
    ['that has expired', { payload: { exp: now() - 1 } }],
    ['that is not valid yet', { payload: { nbf: now() + 120 } }],
    ['of type JWT', { header: { typ: 'JWT' } }],
    ['of alg none', { header: { alg: 'none' } }],
    ['without a key', { header: { jwk: undefined } }],
    ['signed by another key', { privateKey: new DpopProver().privateKey }],
    [
      'by RS256',
      {
        header: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) },
        signature: (input) => sign('sha256', Buffer.from(input), rsa.privateKey),
      },
    ],
    [
      'with its private key',
      { header: { jwk: holder.prover.privateKey.export({ format: 'jwk' }) } },
    ],
    ['with a symmetric key', { header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } } }],
  ])('refuses a proof %s', async (_name, overrides) => {
    const exchange = exchangeOf(app.id, await newCode());
    const proof = holder.proofFor('token', overrides);
    expectError(await post(client, 'token', exchange, proof), 400, 'invalid_dpop_proof');
    expect((await holder.askForTokens(exchange)).status).toBe(200);
  });

  it.each([-10, 10])(
    'takes a proof of a clock that is off by %d s, as the API does',
    async (off) => {
      const overrides = () => ({ payload: { iat: now() + off } });
      const exchange = exchangeOf(app.id, await newCode());
      const answer = await post(client, 'token', exchange, holder.proofFor('token', overrides()));
      expect(answer).toMatchObject({ status: 200, json: { token_type: 'DPoP' } });
      expect((await listOrders(withProof(overrides()))).status).toBe(200);
    },
  );

  it.each([
    ['of ten minutes ago', -600],
    ['dated ten minutes to come', 600],
  ])('asks for a nonce with a proof %s', async (_name, seconds) => {
    const exchange = exchangeOf(app.id, await newCode());
    const iat = now() + seconds;
    const answer = await post(
      client,
      'token',
      exchange,
      holder.proofFor('token', { payload: { iat } }),
    );
    expectError(answer, 400, 'use_dpop_nonce');
    const nonce = answer.headers['dpop-nonce'];
    expect(nonce).toMatch(/^[\w-]{43}$/);
    const proof = holder.proofFor('token', { payload: { iat, nonce } });
    expect((await post(client, 'token', exchange, proof)).status).toBe(200);
  });

  it('refuses a nonce it has not given', async () => {
    const exchange = exchangeOf(app.id, await newCode());
    const proof = holder.proofFor('token', { payload: { nonce: 'a'.repeat(43) } });
    const answer = await post(client, 'token', exchange, proof);
    expectError(answer, 400, 'use_dpop_nonce');
    expect(answer.headers['dpop-nonce']).toBeDefined();
  });

  it('refuses a proof the second time, at the same time as well', async () => {
    const machine = await registerClient({
      ...{ grant_types: ['client_credentials'], redirect_uris: [], post_logout_redirect_uris: [] },
      ...{ token_endpoint_auth_method: 'client_secret_basic', scope: 'orders:read' },
    });
    const form = { grant_type: 'client_credentials', scope: 'orders:read' };
    const headers = [...basic(machine.id, machine.secret), ...holder.proofFor('token')];
    const ask = () => post(client, 'token', form, headers);
    const answers = await Promise.all(Array.from({ length: 6 }, ask));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of [...answers.filter(({ status }) => status !== 200), await ask()]) {
      expectError(answer, 400, 'invalid_dpop_proof');
    }
  });

  it('refuses a code that was asked for with the thumbprint of another key', async () => {
    const bound = authorizationRequest(app.id, { dpop_jkt: holder.prover.thumbprint });
    const stolen = exchangeOf(app.id, await visitor.codeFor(bound));
    expectError(await thief.askForTokens(stolen), 400, 'invalid_grant');
    const without = exchangeOf(app.id, await visitor.codeFor(bound));
    expectError(await post(client, 'token', without), 400, 'invalid_grant');
    const right = exchangeOf(app.id, await visitor.codeFor(bound));
    expect((await holder.askForTokens(right)).status).toBe(200);
  });

  it('refuses a pushed request whose proof is of another key than it says', async () => {
    const own = await registerClient({ token_endpoint_auth_method: 'client_secret_basic' });
    const request = authorizationRequest(own.id, { dpop_jkt: holder.prover.thumbprint });
    const push = (by: DpopClient) =>
      post(client, 'par', request, [...basic(own.id, own.secret), ...by.proofFor('par')]);
    expectError(await push(thief), 400, 'invalid_request');
    expect((await push(holder)).status).toBe(201);
  });

  it('refuses a refresh token of a public client with another key, and without one', async () => {
    const { refresh_token: refreshToken } = await holder.tokensOf(visitor, app.id);
    const refresh = refreshOf(app.id, refreshToken);
    expectError(await thief.askForTokens(refresh), 400, 'invalid_grant');
    expectError(await post(client, 'token', refresh), 400, 'invalid_grant');
    const answer = await holder.askForTokens(refresh);
    expect(answer).toMatchObject({ status: 200, json: { token_type: 'DPoP' } });
  });

  it('gives a client nothing without a proof that is registered so', async () => {
    const strict = await registerClient({ dpop_bound_access_tokens: true });
    const newExchange = async () =>
      exchangeOf(strict.id, await visitor.codeFor(authorizationRequest(strict.id)));
    expectError(await post(client, 'token', await newExchange()), 400, 'invalid_grant');
    const answer = await holder.askForTokens(await newExchange());
    expect(answer).toMatchObject({ status: 200, json: { token_type: 'DPoP' } });
  });

  it('names the key in the token, and the type in the answer', () => {
    expect(tokens.token_type).toBe('DPoP');
    expect(partsOf(tokens.access_token).payload).toMatchObject({
      cnf: { jkt: holder.prover.thumbprint },
    });
  });
});

describe('userinfo', () => {
  const path = '/oauth2/userinfo';

  it('takes a key-bound token with a proof of its key alone', async () => {
    const { access_token: own } = await holder.tokensOf(visitor, app.id, { scope: 'openid' });
    expect(await client.send({ path, accessToken: own })).toMatchObject({ status: 401 });
    expect(await thief.call(path, own)).toMatchObject({ status: 401 });
    const headers = holder.headersFor(path, own);
    expect((await client.send({ path, headers })).status).toBe(200);
    const again = await client.send({ path, headers });
    expect(again).toMatchObject({ status: 401, json: { error: 'invalid_dpop_proof' } });
    expect(again.headers['www-authenticate']).toMatch(/^DPoP .*error="invalid_dpop_proof"/);
  });
});

describe('a key-bound token', () => {
  it('ends when it is revoked, whoever has the key', async () => {
    const { access_token: own } = await holder.tokensOf(visitor, app.id);
    expect((await holder.call('/orders', own)).status).toBe(200);
    const since = performance.now();
    await client.send({ method: 'POST', path: '/oauth2/revoke', form: [['token', own]] });
    const { response } = await refusalWithin(
      STATED_BOUND_MS,
      () => holder.call('/orders', own),
      since,
    );
    expect(response).toMatchObject({ status: 401, problem: { code: 'invalid_token' } });
  });
});
