import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { DpopProver, type ProofOverrides } from '@sallyport/testing';
import { expectRefusal, PUBLIC_URL, startTestGateway, type TestGateway } from '../gateway.fixture';

const ALGS = 'algs="ES256 PS256 EdDSA Ed25519"';
const INVALID_PROOF = `DPoP realm="sallyport", error="invalid_dpop_proof", error_description="The DPoP proof is not accepted", ${ALGS}`;
const INVALID_TOKEN = `DPoP realm="sallyport", error="invalid_token", error_description="The access token is not accepted", ${ALGS}`;

const path = '/orders';
const holder = new DpopProver();
const other = new DpopProver();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const now = () => Math.floor(Date.now() / 1000);

let gateway: TestGateway;
let accessToken: string;
beforeAll(async () => {
  gateway = await startTestGateway();
  gateway.transports.orders.answer('listOrders', { orders: [], nextPageToken: '' });
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
  accessToken = gateway.mint.accessToken({ payload: { cnf: { jkt: holder.thumbprint } } });
});

type Headers = readonly (readonly [string, string])[];

const call = (overrides: { readonly accessToken?: string; readonly path?: string } = {}) => ({
  method: 'GET',
  uri: `${PUBLIC_URL}${overrides.path ?? path}`,
  accessToken: overrides.accessToken ?? accessToken,
});
const proof = (overrides: ProofOverrides = {}, by = holder) => by.proof(call(), overrides);
const dpop = (presentedProof: string, token = accessToken): Headers => [
  ['authorization', `DPoP ${token}`],
  ['dpop', presentedProof],
];

async function expectAccepted(headers: Headers): Promise<void> {
  gateway.reset();
  const answer = await gateway.send({ path, headers });
  expect(answer.status).toBe(200);
  expect(gateway.events.all).toEqual([]);
}

describe('a request with a key-bound token is refused', () => {
  it.each<[string, string, () => string]>([
    ['with another method', 'method_wrong', () => proof({ payload: { htm: 'POST' } })],
    ['with another path', 'uri_wrong', () => holder.proof(call({ path: '/invoices' }))],
    [
      'with another origin',
      'uri_wrong',
      () => proof({ payload: { htu: `https://evil.example${path}` } }),
    ],
    ['with another token', 'token_wrong', () => holder.proof(call({ accessToken: 'another' }))],
    ['without the token’s hash', 'claims_invalid', () => proof({ payload: { ath: undefined } })],
    ['without an id', 'claims_invalid', () => proof({ payload: { jti: undefined } })],
    ['without a time', 'claims_invalid', () => proof({ payload: { iat: undefined } })],
    ['of two minutes ago', 'not_recent', () => proof({ payload: { iat: now() - 120 } })],
    ['dated two minutes to come', 'not_recent', () => proof({ payload: { iat: now() + 120 } })],
    ['of type JWT', 'type_wrong', () => proof({ header: { typ: 'JWT' } })],
    ['with alg none', 'algorithm_refused', () => proof({ header: { alg: 'none' } })],
    [
      'with HS256',
      'algorithm_refused',
      () =>
        proof({
          header: { alg: 'HS256' },
          signature: (input) => createHmac('sha256', holder.thumbprint).update(input).digest(),
        }),
    ],
    [
      'with RS256',
      'algorithm_refused',
      () =>
        proof({
          header: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) },
          signature: (input) => sign('sha256', Buffer.from(input), rsa.privateKey),
        }),
    ],
    [
      'with its private key',
      'key_refused',
      () => proof({ header: { jwk: holder.privateKey.export({ format: 'jwk' }) } }),
    ],
    [
      'with a symmetric key',
      'key_refused',
      () => proof({ header: { jwk: { kty: 'oct', k: 'AA' } } }),
    ],
    [
      'with a key to be fetched',
      'key_reference_refused',
      () => proof({ header: { jku: PUBLIC_URL } }),
    ],
    ['signed by another key', 'signature_invalid', () => proof({ privateKey: other.privateKey })],
    ['that is no JWS', 'malformed', () => 'nonsense'],
    ['that is the token itself', 'type_wrong', () => accessToken],
  ])('with a proof %s', async (_name, reason, presented) => {
    const code = 'invalid_dpop_proof';
    const answer = await gateway.send({ path, headers: dpop(presented()) });
    expectRefusal(gateway, answer, { status: 401, code, reason: `dpop_proof_${reason}` });
    expect(answer.headers['www-authenticate']).toBe(INVALID_PROOF);
    expect(gateway.proofMemory.asked).toEqual([]);
    await expectAccepted(dpop(proof()));
  });

  it.each<[string, Headers | undefined]>([
    ['no proof', undefined],
    ['an empty proof', [['dpop', '']]],
  ])('with %s', async (_name, further = []) => {
    const headers: Headers = [['authorization', `DPoP ${accessToken}`], ...further];
    const answer = await gateway.send({ path, headers });
    const reason = 'dpop_proof_missing';
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_dpop_proof', reason });
    expect(answer.headers['www-authenticate']).toBe(INVALID_PROOF);
  });

  it('with a proof of another key', async () => {
    const answer = await gateway.send({ path, headers: dpop(proof({}, other)) });
    const reason = 'dpop_proof_key_wrong';
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
    expect(answer.headers['www-authenticate']).toBe(INVALID_TOKEN);
    expect(gateway.proofMemory.asked).toEqual([]);
  });

  it('with a proof that was presented before', async () => {
    const presented = proof();
    await expectAccepted(dpop(presented));
    gateway.reset();
    const answer = await gateway.send({ path, headers: dpop(presented) });
    const reason = 'dpop_proof_replayed';
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_dpop_proof', reason });
    expect(answer.headers['www-authenticate']).toBe(INVALID_PROOF);
  });

  it('while nobody can tell whether its proof was presented before', async () => {
    gateway.proofMemory.isDown = true;
    const answer = await gateway.send({ path, headers: dpop(proof()) });
    const reason = 'dpop_proof_replay_unknown';
    expectRefusal(gateway, answer, { status: 503, code: 'authentication_unavailable', reason });
    expect(answer.headers['retry-after']).toBe('2');
    await expectAccepted(dpop(proof()));
  });

  it.each(['Bearer', 'bearer'])('under %s, with and without a proof', async (scheme) => {
    const authorization = ['authorization', `${scheme} ${accessToken}`] as const;
    for (const further of [[], [['dpop', proof()] as const]]) {
      gateway.reset();
      const answer = await gateway.send({ path, headers: [authorization, ...further] });
      const reason = 'token_proof_missing';
      expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
      expect(answer.headers['www-authenticate']).toBe(INVALID_TOKEN);
    }
  });

  it('with two proofs, before anything looks at them', async () => {
    const headers: Headers = [...dpop(proof()), ['dpop', proof()]];
    const answer = await gateway.send({ path, headers });
    expectRefusal(gateway, answer, { status: 400, code: 'header_repeated' });
  });

  it.each<[string, (token: string) => string]>([
    ['two tokens', (token) => `DPoP ${token} ${token}`],
    ['a Bearer token as well', (token) => `DPoP ${token}, Bearer ${token}`],
  ])('with %s in one header', async (_name, written) => {
    const headers: Headers = [
      ['authorization', written(accessToken)],
      ['dpop', proof()],
    ];
    const answer = await gateway.send({ path, headers });
    expectRefusal(gateway, answer, { status: 400, code: 'multiple_credentials' });
  });

  it('without the scope the route needs', async () => {
    const payload = { scope: 'orders:write', cnf: { jkt: holder.thumbprint } };
    const token = gateway.mint.accessToken({ payload });
    const presented = holder.proof(call({ accessToken: token }));
    const answer = await gateway.send({ path, headers: dpop(presented, token) });
    expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
    expect(answer.headers['www-authenticate']).toBe(
      `DPoP realm="sallyport", error="insufficient_scope", scope="orders:read", ${ALGS}`,
    );
  });
});

describe('under DPoP, a token is refused', () => {
  it.each<[string, string, object]>([
    ['that is bound to nothing', 'token_not_key_bound', {}],
    [
      'that is bound to a certificate',
      'token_certificate_mismatch',
      { cnf: { 'x5t#S256': holder.thumbprint } },
    ],
    [
      'that is bound to both',
      'token_claims_invalid',
      { cnf: { 'x5t#S256': holder.thumbprint, jkt: holder.thumbprint } },
    ],
    ['that has expired', 'token_expired', { iat: now() - 20, exp: now() - 10 }],
  ])('%s', async (_name, reason, payload) => {
    const token = gateway.mint.accessToken({ payload: { ...payload } });
    const presented = holder.proof(call({ accessToken: token }));
    const answer = await gateway.send({ path, headers: dpop(presented, token) });
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason });
    expect(answer.headers['www-authenticate']).toBe(INVALID_TOKEN);
    expect(gateway.proofMemory.asked).toEqual([]);
  });

  it('that was revoked, its proof being good', async () => {
    const jti = 'revoked-with-a-proof';
    const payload = { jti, cnf: { jkt: holder.thumbprint } };
    const token = gateway.mint.accessToken({ payload });
    await expectAccepted(dpop(holder.proof(call({ accessToken: token })), token));
    gateway.revocations.revoke('token', jti);
    gateway.reset();
    const presented = holder.proof(call({ accessToken: token }));
    const answer = await gateway.send({ path, headers: dpop(presented, token) });
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_token', reason: 'token_revoked' });
  });
});

describe('a proof beside what is bound to no key', () => {
  it('is refused with a Bearer token', async () => {
    const token = gateway.mint.accessToken();
    const authorization = ['authorization', `Bearer ${token}`] as const;
    const headers: Headers = [authorization, ['dpop', holder.proof(call({ accessToken: token }))]];
    const answer = await gateway.send({ path, headers });
    const reason = 'dpop_proof_unexpected';
    expectRefusal(gateway, answer, { status: 401, code: 'invalid_dpop_proof', reason });
    expect(answer.headers['www-authenticate']).toBe(INVALID_PROOF);
    await expectAccepted([authorization]);
  });

  it('is no credential', async () => {
    const answer = await gateway.send({ path, headers: [['dpop', proof()]] });
    expectRefusal(gateway, answer, { status: 401, code: 'credential_missing' });
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="sallyport", DPoP realm="sallyport", ${ALGS}`,
    );
  });
});

describe('a request with a key-bound token passes', () => {
  it.each(['DPoP', 'dpop', 'DPOP'])('under %s', async (scheme) => {
    await expectAccepted([
      ['authorization', `${scheme} ${accessToken}`],
      ['dpop', proof()],
    ]);
    expect(gateway.upstreamCalls()).toHaveLength(1);
    expect(gateway.handled).toMatchObject([{ principal: gateway.mint.claims['sub'] }]);
  });

  it('with a query, which the proof does not name', async () => {
    const answer = await gateway.send({ path: `${path}?limit=5`, headers: dpop(proof()) });
    expect(answer.status).toBe(200);
  });

  it('each time with another proof, the token being verified once', async () => {
    for (let time = 0; time < 3; time += 1) await expectAccepted(dpop(proof()));
  });
});
