import { createHmac, generateKeyPairSync } from 'node:crypto';
import { TransactionTokenMinter } from '@sallyport/principal';
import type { TokenMint } from '@sallyport/testing';
import { FakeCa, type TokenOverrides } from '@sallyport/testing';
import { systemClock } from '@sallyport/tokens';
import {
  expectRefusal,
  PUBLIC_URL,
  startTestGateway,
  wireOrder,
  type TestGateway,
} from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';
const bearer = (token: string) => [['authorization', `Bearer ${token}`]] as const;
const now = () => Math.floor(Date.now() / 1000);
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

type Forgery = (mint: TokenMint) => string;
const altered =
  (overrides: TokenOverrides): Forgery =>
  (mint) =>
    mint.accessToken(overrides);

describe('a request with a token is refused', () => {
  it.each<[string, Forgery, string]>([
    ['with alg none', (mint) => unsigned(mint), 'token_malformed'],
    [
      'with alg none and a signature',
      altered({ header: { alg: 'none' } }),
      'token_algorithm_refused',
    ],
    ['with HS256 over the public key', (mint) => keyConfusion(mint), 'token_algorithm_refused'],
    ['of an unknown key', altered({ header: { kid: 'other' } }), 'token_key_unknown'],
    ['without a key id', altered({ header: { kid: undefined } }), 'token_malformed'],
    [
      'signed by another key',
      altered({ privateKey: foreign.privateKey }),
      'token_signature_invalid',
    ],
    [
      'of another issuer',
      altered({ payload: { iss: 'https://evil.example' } }),
      'token_issuer_wrong',
    ],
    [
      'for another audience',
      altered({ payload: { aud: 'https://other' } }),
      'token_audience_wrong',
    ],
    [
      'that has expired',
      altered({ payload: { iat: now() - 20, exp: now() - 10 } }),
      'token_expired',
    ],
    ['that is not valid yet', altered({ payload: { nbf: now() + 60 } }), 'token_not_yet_valid'],
    ['of type JWT', altered({ header: { typ: 'JWT' } }), 'token_type_wrong'],
    ['of type ID token', altered({ header: { typ: undefined } }), 'token_type_wrong'],
    ['of type transaction token', altered({ header: { typ: 'txntoken+jwt' } }), 'token_type_wrong'],
    [
      'with an embedded key',
      altered({ header: { jwk: { kty: 'RSA' } } }),
      'token_key_reference_refused',
    ],
    [
      'with a key URL',
      altered({ header: { jku: 'https://evil.example' } }),
      'token_key_reference_refused',
    ],
    [
      'with a certificate URL',
      altered({ header: { x5u: 'https://evil.example' } }),
      'token_key_reference_refused',
    ],
    ['with an altered header', (mint) => swapSegment(mint, 0), 'token_signature_invalid'],
    ['with an altered payload', (mint) => swapSegment(mint, 1), 'token_signature_invalid'],
    ['with an altered signature', (mint) => swapSegment(mint, 2), 'token_signature_invalid'],
    ['that is no token', () => 'nonsense', 'token_malformed'],
  ])('%s', async (_name, forge, reason) => {
    const token = forge(gateway.mint);
    const answer = await gateway.send({ path, headers: bearer(token) });
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", error="invalid_token", error_description="The access token is not accepted"',
    );
    expect(gateway.log.join('')).not.toContain(token.slice(-40));
  });

  it('that is a real transaction token', async () => {
    const ca = await FakeCa.create();
    const minter = new TransactionTokenMinter({
      source: await ca.source('gateway'),
      trustDomain: ca.trustDomain,
      clock: systemClock,
    });
    const token = minter.mint({
      principal: { id: 'a', type: 'user', scopes: new Set(['orders:read']) },
      context: { method: 'GET', route: '/orders/:id', clientAddress: '127.0.0.1' },
    });
    const answer = await gateway.send({ path, headers: bearer(token) });
    const reason = 'token_key_reference_refused';
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
  });

  it('without the scope the route needs', async () => {
    const token = gateway.mint.accessToken({ payload: { scope: 'orders:write' } });
    const answer = await gateway.send({ path, headers: bearer(token) });
    expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", error="insufficient_scope", scope="orders:read"',
    );
  });
});

describe('a good token that is not written as one is refused', () => {
  it.each<[string, (token: string) => string]>([
    ['behind a no-break space', (token) => `Bearer\u00a0${token}`],
    ['behind a blank and a no-break space', (token) => `Bearer \u00a0${token}`],
    ['behind a tab', (token) => `Bearer\t${token}`],
    ['behind a comma', (token) => `Bearer,${token}`],
    ['before a no-break space', (token) => `Bearer ${token}\u00a0`],
    ['in quotes', (token) => `Bearer "${token}"`],
    ['as a parameter', (token) => `Bearer token=${token}`],
  ])('%s', async (_name, written) => {
    const authorization = written(gateway.mint.accessToken());
    const headers = [['authorization', authorization]] as const;
    const answer = await gateway.send({ path, headers });
    expectRefusal(gateway, answer, {
      status: 401,
      code: 'invalid_token',
      reason: 'token_malformed',
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])(
    'while it passes behind %j',
    async (scheme) => {
      gateway.transports.orders.answer('listOrders', { orders: [], nextPageToken: '' });
      const headers = [['authorization', `${scheme} ${gateway.mint.accessToken()}`]] as const;
      expect((await gateway.send({ path: '/orders', headers })).status).toBe(200);
    },
  );
});

describe('a request without a token this API takes is refused', () => {
  it.each<[string, readonly (readonly [string, string])[]]>([
    ['with nothing', []],
    ['with an empty Bearer', [['authorization', 'Bearer ']]],
    ['with Basic', [['authorization', 'Basic YTpi']]],
    ['with a token under no scheme', [['authorization', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln']]],
  ])('%s', async (_name, headers) => {
    const answer = await gateway.send({ path, headers });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", DPoP realm="sallyport", algs="ES256 PS256 EdDSA Ed25519"',
    );
  });

  it('by HEAD too', async () => {
    const answer = await gateway.send({ path, method: 'HEAD' });
    expect(answer).toMatchObject({ status: 401, body: '' });
  });
});

describe('a request passes', () => {
  beforeEach(() => {
    gateway.transports.orders.answer('getOrder', { order: wireOrder() });
  });

  it.each<[string, TokenOverrides]>([
    ['with a valid token', {}],
    ['with the long media type', { header: { typ: 'application/at+jwt' } }],
  ])('%s', async (_name, overrides) => {
    const answer = await gateway.send({
      path,
      headers: bearer(gateway.mint.accessToken(overrides)),
    });
    expect(answer.status).toBe(200);
    expect(gateway.events.all).toEqual([]);
    expect(gateway.upstreamCalls()).toHaveLength(1);
    expect(gateway.handled).toMatchObject([
      { target: 'GET /orders/:id', status: 200, principal: gateway.mint.claims['sub'] },
    ]);
  });

  it('to a public route, whatever token comes along', async () => {
    gateway.transports.orders.answer('listProducts', { products: [] });
    const answer = await gateway.send({ path: '/products', headers: bearer('nonsense') });
    expect(answer.status).toBe(200);
    expect(gateway.events.all).toEqual([]);
  });

  it('as a client when the subject is the client itself', async () => {
    const token = gateway.mint.accessToken({ payload: { sub: 'robot', client_id: 'robot' } });
    await gateway.send({ path, headers: bearer(token) });
    const [call] = gateway.upstreamCalls();
    expect(call?.options.metadata).toMatchObject({ 'x-principal-type': 'client' });
  });
});

function unsigned(mint: TokenMint): string {
  const header = JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: mint.kid });
  return mint.raw(header, JSON.stringify(mint.claims), { signature: () => Buffer.alloc(0) });
}

function keyConfusion(mint: TokenMint): string {
  const pem = mint.publicKey.export({ type: 'spki', format: 'pem' });
  return mint.accessToken({
    header: { alg: 'HS256' },
    signature: (input) => createHmac('sha256', pem).update(input).digest(),
  });
}

/** A valid token in which one segment is that of another valid token. */
function swapSegment(mint: TokenMint, index: number): string {
  const other = mint.accessToken({ header: { typ: 'application/at+jwt' }, payload: { sub: 'b' } });
  const segments = mint.accessToken().split('.');
  segments[index] = other.split('.')[index] ?? '';
  return segments.join('.');
}

it('takes its issuer from the public URL', () => {
  expect(gateway.mint.issuer).toBe(PUBLIC_URL);
});
