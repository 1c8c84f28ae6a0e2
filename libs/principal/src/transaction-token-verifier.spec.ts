import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { validFor } from '@sallyport/dev-ca';
import type { Svid, TrustBundle } from '@sallyport/workload-identity';
import fc from 'fast-check';
import type { TransactionContext, WorkloadTransaction } from './transaction-context';
import { TransactionTokenMinter, type Transaction } from './transaction-token-minter';
import {
  TransactionTokenRejected,
  type TransactionTokenRejectionCode,
} from './transaction-token-rejected';
import { TransactionTokenVerifier } from './transaction-token-verifier';
import { WorkloadTransactionMinter } from './workload-transaction-minter';
import { clockAtNow, foreignDomain, idOf, NOW, trustDomain, WorkloadCa } from './workloads.fixture';

const TRANSACTION: Transaction = {
  principal: {
    id: 'user-1',
    type: 'user',
    scopes: new Set(['orders:read', 'orders:write']),
    clientId: 'web',
    sessionId: 'session-1',
    acr: 'urn:sallyport:acr:password',
    authTime: NOW - 10,
  },
  context: { method: 'POST', route: '/orders', clientAddress: '192.0.2.7' },
};

const ISSUERS = { principal: idOf('gateway'), workload: idOf('auth-service') };

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const foreignEc = generateKeyPairSync('ec', { namedCurve: 'P-256' });

async function issueWorld() {
  const ca = await WorkloadCa.create();
  const otherCa = await WorkloadCa.create();
  const foreignCa = await WorkloadCa.create(foreignDomain);
  const gateway = await ca.issue('gateway');
  const token = minterOf(gateway).mint(TRANSACTION);
  const [header = '', payload = '', signature = ''] = token.split('.');
  return {
    ...{ ca, otherCa, foreignCa, gateway, token, header, payload, signature },
    members: JSON.parse(Buffer.from(header, 'base64url').toString()) as { x5c: string[] },
    claims: JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>,
    orders: await ca.issue('orders-service'),
    tokenService: await ca.issue('auth-service'),
    expired: await ca.issue('gateway', validFor(-1_000, clockAtNow())),
    notYetValid: await ca.issue('gateway', validFor(3_600_000, new Date((NOW + 120) * 1000))),
    fromOtherCa: await otherCa.issue('gateway'),
    fromForeignDomain: await foreignCa.issue('gateway'),
  };
}

type World = Awaited<ReturnType<typeof issueWorld>>;
let world: World;
beforeAll(async () => {
  world = await issueWorld();
});

function minterOf(svid: Svid): TransactionTokenMinter {
  const source = { current: () => ({ svid, bundle: undefined as unknown as TrustBundle }) };
  return new TransactionTokenMinter({ source, trustDomain, clock: clockAtNow });
}

function verifierOf(bundle: () => TrustBundle = () => world.ca.bundle, seconds = () => NOW) {
  const clock = () => new Date(seconds() * 1000);
  return new TransactionTokenVerifier({ bundle, issuers: ISSUERS, trustDomain, clock });
}

function refusalOf(token: string, verifier = verifierOf()): TransactionTokenRejected {
  try {
    verifier.verify(token);
  } catch (error) {
    if (error instanceof TransactionTokenRejected) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const encode = (part: object | string) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
const es256 = (input: string, key: KeyObject) =>
  sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });

/** The valid token with other parts, signed by the gateway's key unless said otherwise. */
function remade(
  { members, claims, gateway }: World,
  change: { readonly members?: object; readonly claims?: object; readonly payload?: string },
  signature: (input: string) => Buffer = (input) => es256(input, gateway.privateKey),
): string {
  const payload = change.payload ?? { ...claims, ...change.claims };
  const signingInput = `${encode({ ...members, ...change.members })}.${encode(payload)}`;
  return `${signingInput}.${signature(signingInput).toString('base64url')}`;
}

const withMembers = (members: object) => (made: World) => remade(made, { members });
const withClaims = (claims: object) => (made: World) => remade(made, { claims });
const withChain = (chain: (made: World) => unknown) => (made: World) =>
  remade(made, { members: { x5c: chain(made) } });
const mintedBy = (svid: (made: World) => Svid) => (made: World) =>
  minterOf(svid(made)).mint(TRANSACTION);
const hmac = (key: string) => (input: string) => createHmac('sha256', key).update(input).digest();

const REFUSED: readonly [string, TransactionTokenRejectionCode, (made: World) => string][] = [
  // Form and header.
  ['an empty text', 'txn_token_malformed', () => ''],
  ['a missing segment', 'txn_token_malformed', ({ header, payload }) => `${header}.${payload}`],
  ['an extra segment', 'txn_token_malformed', ({ token }) => `${token}.e30`],
  ['an empty signature', 'txn_token_malformed', ({ header, payload }) => `${header}.${payload}.`],
  ['a padded signature', 'txn_token_malformed', ({ token }) => `${token}==`],
  ['an oversize token', 'txn_token_malformed', withClaims({ pad: 'x'.repeat(12_288) })],
  [
    'a repeated member',
    'txn_token_malformed',
    ({ members, payload, signature }) =>
      `${encode(`{"alg":"none",${JSON.stringify(members).slice(1)}`)}.${payload}.${signature}`,
  ],
  [
    'a repeated claim',
    'txn_token_malformed',
    (made) => remade(made, { payload: `{"sub":"admin",${JSON.stringify(made.claims).slice(1)}` }),
  ],
  ['a payload that is a list', 'txn_token_malformed', (made) => remade(made, { payload: '[]' })],
  ['cty', 'txn_token_malformed', withMembers({ cty: 'JWT' })],
  [
    'an embedded jwk that signed it',
    'txn_token_key_reference_refused',
    (made) =>
      remade(made, { members: { jwk: foreignEc.publicKey.export({ format: 'jwk' }) } }, (input) =>
        es256(input, foreignEc.privateKey),
      ),
  ],
  ['jku', 'txn_token_key_reference_refused', withMembers({ jku: 'https://evil.example' })],
  ['x5u', 'txn_token_key_reference_refused', withMembers({ x5u: 'https://evil.example' })],
  ['x5t#S256', 'txn_token_key_reference_refused', withMembers({ 'x5t#S256': 'AA' })],
  ['kid', 'txn_token_key_reference_refused', withMembers({ kid: 'a' })],
  ['crit', 'txn_token_key_reference_refused', withMembers({ crit: ['b64'], b64: false })],
  ['alg none', 'txn_token_algorithm_refused', withMembers({ alg: 'none' })],
  ['alg nOnE', 'txn_token_algorithm_refused', withMembers({ alg: 'nOnE' })],
  ['no alg', 'txn_token_algorithm_refused', withMembers({ alg: undefined })],
  [
    'HS256 keyed with the leaf',
    'txn_token_algorithm_refused',
    (made) => remade(made, { members: { alg: 'HS256' } }, hmac(made.members.x5c[0] ?? '')),
  ],
  [
    'RS256',
    'txn_token_algorithm_refused',
    (made) =>
      remade(made, { members: { alg: 'RS256' } }, (input) =>
        sign('sha256', Buffer.from(input), rsa),
      ),
  ],
  ['ES384', 'txn_token_algorithm_refused', withMembers({ alg: 'ES384' })],
  [
    'an access token',
    'txn_token_algorithm_refused',
    withMembers({ alg: 'RS256', typ: 'at+jwt', x5c: undefined, kid: undefined }),
  ],
  ['an access token by ES256', 'txn_token_type_wrong', withMembers({ typ: 'at+jwt' })],
  ['typ JWT', 'txn_token_type_wrong', withMembers({ typ: 'JWT' })],
  ['no typ', 'txn_token_type_wrong', withMembers({ typ: undefined })],
  ['typ with a prefix', 'txn_token_type_wrong', withMembers({ typ: 'application/txntoken+jwt' })],
  // Chain and issuer.
  ['no x5c', 'txn_token_chain_missing', withChain(() => undefined)],
  ['an empty x5c', 'txn_token_chain_missing', withChain(() => [])],
  ['x5c as text', 'txn_token_chain_missing', withChain(({ members }) => members.x5c[0])],
  ['x5c with a number', 'txn_token_chain_missing', withChain(({ members }) => [...members.x5c, 1])],
  [
    'x5c with an empty text',
    'txn_token_chain_missing',
    withChain(({ members }) => [...members.x5c, '']),
  ],
  [
    'x5c in base64url',
    'txn_token_chain_missing',
    withChain(({ members }) => members.x5c.map((der) => `-_${der.slice(2)}`)),
  ],
  [
    'x5c in PEM',
    'txn_token_chain_missing',
    withChain(({ gateway }) => [gateway.certificateChainPem]),
  ],
  [
    'x5c of five certificates',
    'txn_token_chain_missing',
    withChain(({ members }) => Array<unknown>(5).fill(members.x5c[0])),
  ],
  [
    'x5c of the leaf alone',
    'txn_token_chain_untrusted',
    withChain(({ members }) => members.x5c.slice(0, 1)),
  ],
  [
    'x5c in reverse',
    'txn_token_chain_untrusted',
    withChain(({ members }) => members.x5c.toReversed()),
  ],
  [
    'x5c with the leaf twice',
    'txn_token_chain_untrusted',
    withChain(({ members: { x5c } }) => [x5c[0], ...x5c]),
  ],
  ['x5c that is no certificate', 'txn_token_chain_untrusted', withChain(() => ['AAAA'])],
  [
    'x5c with a truncated leaf',
    'txn_token_chain_untrusted',
    withChain(({ gateway, members }) => [
      gateway.chain[0]?.subarray(0, 300).toString('base64'),
      members.x5c[1],
    ]),
  ],
  [
    'a chain of another CA',
    'txn_token_chain_untrusted',
    mintedBy(({ fromOtherCa }) => fromOtherCa),
  ],
  [
    'a leaf of another CA before our chain',
    'txn_token_chain_untrusted',
    withChain(({ fromOtherCa, members }) => [
      fromOtherCa.chain[0]?.toString('base64'),
      members.x5c[1],
    ]),
  ],
  [
    'the gateway of another trust domain',
    'txn_token_chain_untrusted',
    mintedBy(({ fromForeignDomain }) => fromForeignDomain),
  ],
  ['an expired SVID', 'txn_token_chain_untrusted', mintedBy(({ expired }) => expired)],
  [
    'an SVID not yet valid',
    'txn_token_chain_untrusted',
    mintedBy(({ notYetValid }) => notYetValid),
  ],
  ["orders-service's SVID", 'txn_token_issuer_wrong', mintedBy(({ orders }) => orders)],
  // Signature.
  [
    "the gateway's chain, orders-service's key",
    'txn_token_signature_invalid',
    (made) => remade(made, {}, (input) => es256(input, made.orders.privateKey)),
  ],
  [
    'a widened scope',
    'txn_token_signature_invalid',
    ({ header, claims, signature }) =>
      `${header}.${encode({ ...claims, scope: 'keys:manage' })}.${signature}`,
  ],
  [
    'an altered signature',
    'txn_token_signature_invalid',
    ({ header, payload, signature }) =>
      `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
  ],
  [
    'a signature of zeroes',
    'txn_token_signature_invalid',
    (made) => remade(made, {}, () => Buffer.alloc(64)),
  ],
  [
    'a signature in DER',
    'txn_token_signature_invalid',
    (made) =>
      remade(made, {}, (input) => sign('sha256', Buffer.from(input), made.gateway.privateKey)),
  ],
  [
    'a signature with a byte more',
    'txn_token_signature_invalid',
    (made) =>
      remade(made, {}, (input) =>
        Buffer.concat([es256(input, made.gateway.privateKey), Buffer.alloc(1)]),
      ),
  ],
  // Claims.
  [
    'a foreign trust domain as audience',
    'txn_token_audience_wrong',
    withClaims({ aud: foreignDomain.toString() }),
  ],
  [
    'the audience in a list',
    'txn_token_audience_wrong',
    withClaims({ aud: [trustDomain.toString()] }),
  ],
  ['no audience', 'txn_token_audience_wrong', withClaims({ aud: undefined })],
  [
    'an expiry beyond the tolerance',
    'txn_token_expired',
    withClaims({ iat: NOW - 65, exp: NOW - 5 }),
  ],
  [
    'an issue in the future',
    'txn_token_not_yet_valid',
    withClaims({ iat: NOW + 6, exp: NOW + 60 }),
  ],
  ['a lifetime over a minute', 'txn_token_claims_invalid', withClaims({ exp: NOW + 61 })],
  [
    'an expiry before its issue',
    'txn_token_claims_invalid',
    withClaims({ iat: NOW + 4, exp: NOW + 3 }),
  ],
  ['no exp', 'txn_token_claims_invalid', withClaims({ exp: undefined })],
  ['exp as text', 'txn_token_claims_invalid', withClaims({ exp: String(NOW + 60) })],
  ['no iat', 'txn_token_claims_invalid', withClaims({ iat: undefined })],
  ['no txn', 'txn_token_claims_invalid', withClaims({ txn: undefined })],
  ['no sub', 'txn_token_claims_invalid', withClaims({ sub: undefined })],
  ['a sub with a line end', 'txn_token_claims_invalid', withClaims({ sub: 'a\nb' })],
  ['no scope', 'txn_token_claims_invalid', withClaims({ scope: undefined })],
  ['scope as a list', 'txn_token_claims_invalid', withClaims({ scope: ['orders:read'] })],
  ['scope with two spaces', 'txn_token_claims_invalid', withClaims({ scope: 'a  b' })],
  ['no req_wl', 'txn_token_claims_invalid', withClaims({ req_wl: undefined })],
  ['a req_wl that is no SPIFFE ID', 'txn_token_claims_invalid', withClaims({ req_wl: 'gateway' })],
  ['no tctx', 'txn_token_claims_invalid', withClaims({ tctx: undefined })],
  [
    'an unknown principal type',
    'txn_token_claims_invalid',
    withClaims({ tctx: { principal_type: 'admin' } }),
  ],
  [
    'a sid that is a number',
    'txn_token_claims_invalid',
    withClaims({ tctx: { principal_type: 'user', sid: 1 } }),
  ],
  ['no rctx', 'txn_token_claims_invalid', withClaims({ rctx: undefined })],
  [
    'an rctx without address',
    'txn_token_claims_invalid',
    withClaims({ rctx: { method: 'GET', route: '/' } }),
  ],
  [
    'a route with a line end',
    'txn_token_claims_invalid',
    withClaims({ rctx: { method: 'GET', route: '/\n', req_ip: '::1' } }),
  ],
];

const WORKLOAD_TRANSACTION: Omit<WorkloadTransaction, 'initiator'> = {
  txn: 'txn-1',
  workload: idOf('orders-service'),
  requestingWorkloads: [idOf('orders-service')],
  scopes: new Set(['charges:void']),
  job: 'settle-orders',
  issuedAt: NOW,
  expiresAt: NOW + 60,
};

const workloadToken = (svid: Svid, change: Partial<WorkloadTransaction> = {}) => {
  const source = { current: () => ({ svid, bundle: world.ca.bundle }) };
  const minter = new WorkloadTransactionMinter({ source, trustDomain });
  return minter.mint({ ...WORKLOAD_TRANSACTION, ...change });
};

/** The token service's token with other claims, signed by its own key. */
const withWorkloadClaims = (claims: object) => (made: World) => {
  const [, payload = ''] = workloadToken(made.tokenService).split('.');
  const given = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const x5c = made.tokenService.chain.map((der) => der.toString('base64'));
  const change = { members: { x5c }, payload: JSON.stringify({ ...given, ...claims }) };
  return remade(made, change, (input) => es256(input, made.tokenService.privateKey));
};

const REFUSED_OF_WORKLOADS: typeof REFUSED = [
  ["the gateway's signature", 'txn_token_issuer_wrong', ({ gateway }) => workloadToken(gateway)],
  ["the workload's own", 'txn_token_issuer_wrong', ({ orders }) => workloadToken(orders)],
  [
    'a user, signed by the token service',
    'txn_token_issuer_wrong',
    ({ tokenService }) => minterOf(tokenService).mint(TRANSACTION),
  ],
  [
    'a user in the place of the workload',
    'txn_token_issuer_wrong',
    withWorkloadClaims({
      ...{ sub: 'user-1', tctx: { principal_type: 'user' } },
      rctx: { method: 'POST', route: '/orders', req_ip: '::1' },
    }),
  ],
  ['a sub that is no SPIFFE ID', 'txn_token_claims_invalid', withWorkloadClaims({ sub: 'user-1' })],
  ['no scope', 'txn_token_claims_invalid', withWorkloadClaims({ scope: '' })],
  ['no job', 'txn_token_claims_invalid', withWorkloadClaims({ rctx: {} })],
  ['a job of two lines', 'txn_token_claims_invalid', withWorkloadClaims({ rctx: { job: 'a\nb' } })],
  ['an empty req_wl', 'txn_token_claims_invalid', withWorkloadClaims({ req_wl: '' })],
  [
    'a req_wl that ends in a comma',
    'txn_token_claims_invalid',
    withWorkloadClaims({ req_wl: `${idOf('orders-service').toString()},` }),
  ],
  [
    'a req_wl of nine',
    'txn_token_claims_invalid',
    withWorkloadClaims({ req_wl: Array(9).fill(idOf('orders-service').toString()).join() }),
  ],
  ['a lifetime over a minute', 'txn_token_claims_invalid', withWorkloadClaims({ exp: NOW + 61 })],
  ['a foreign audience', 'txn_token_audience_wrong', withWorkloadClaims({ aud: 'other.example' })],
];

describe('TransactionTokenVerifier refuses of workloads', () => {
  it.each(REFUSED_OF_WORKLOADS)('%s: %s', (_name, code, make) => {
    expect(refusalOf(make(world)).code).toBe(code);
  });

  it('every token where no token service is named', () => {
    const verifier = new TransactionTokenVerifier({
      bundle: () => world.ca.bundle,
      issuers: { principal: idOf('gateway'), workload: undefined },
      trustDomain,
      clock: clockAtNow,
    });
    const token = workloadToken(world.tokenService);
    expect(refusalOf(token, verifier).code).toBe('txn_token_issuer_wrong');
  });
});

describe('WorkloadTransactionMinter refuses', () => {
  it.each<[string, Partial<WorkloadTransaction>]>([
    ['a life longer than a minute', { expiresAt: NOW + 61 }],
    ['a life that is over', { expiresAt: NOW }],
    ['a transaction without a scope', { scopes: new Set() }],
  ])('%s', (_name, change) => {
    expect(() => workloadToken(world.tokenService, change)).toThrow(TypeError);
  });
});

describe('TransactionTokenVerifier refuses', () => {
  it.each(REFUSED)('%s: %s', (_name, code, make) => {
    const error = refusalOf(make(world));
    expect(error.code).toBe(code);
    expect(error.message).toBe(code);
  });

  it('a token replayed to a service of another trust domain that trusts our roots', () => {
    const verifier = new TransactionTokenVerifier({
      bundle: () => world.ca.bundle,
      issuers: { principal: idOf('gateway', foreignDomain), workload: undefined },
      trustDomain: foreignDomain,
      clock: clockAtNow,
    });
    expect(refusalOf(world.token, verifier).code).toBe('txn_token_chain_untrusted');
  });

  it('a token one second after its end and tolerance, though it was accepted before', () => {
    let seconds = NOW;
    const verifier = verifierOf(undefined, () => seconds);
    verifier.verify(world.token);
    seconds = NOW + 64;
    verifier.verify(world.token);
    seconds = NOW + 65;
    expect(refusalOf(world.token, verifier).code).toBe('txn_token_expired');
  });

  it('a chain it has verified, once the bundle no longer holds its root', () => {
    let { bundle } = world.ca;
    const verifier = verifierOf(() => bundle);
    verifier.verify(world.token);
    bundle = world.otherCa.bundle;
    expect(refusalOf(world.token, verifier).code).toBe('txn_token_chain_untrusted');
  });

  it('a forged signature under a chain it has verified', () => {
    const verifier = verifierOf();
    verifier.verify(world.token);
    const forged = remade(world, {}, (input) => es256(input, foreignEc.privateKey));
    expect(refusalOf(forged, verifier).code).toBe('txn_token_signature_invalid');
  });

  it('any token with one character changed', () => {
    const verifier = verifierOf();
    const characters = fc.constantFrom(...Array.from('ABCDwxyz019-_.=+/ \n"{\u0100'));
    fc.assert(
      fc.property(fc.nat(world.token.length - 1), characters, (at, character) => {
        const mutated = world.token.slice(0, at) + character + world.token.slice(at + 1);
        fc.pre(mutated !== world.token);
        refusalOf(mutated, verifier);
      }),
      { numRuns: 400 },
    );
  });

  it('arbitrary headers with a TransactionTokenRejected and nothing else', () => {
    const x5c = fc.array(fc.base64String({ maxLength: 80 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(x5c, fc.jsonValue()), (chain) => {
        refusalOf(remade(world, { members: { x5c: chain } }));
      }),
    );
  });
});

describe('TransactionTokenVerifier accepts', () => {
  it("a workload's transaction of the token service, with every workload that asked for it", () => {
    const requestingWorkloads = [idOf('orders-service'), idOf('billing-service')];
    const token = workloadToken(world.tokenService, { requestingWorkloads });
    const expected = { ...WORKLOAD_TRANSACTION, requestingWorkloads, initiator: 'workload' };
    expect(verifierOf().verify(token)).toEqual(expected);
  });

  it('a principal without scopes', () => {
    const principal = { id: 'partner-1', type: 'partner', scopes: new Set<string>() } as const;
    const token = minterOf(world.gateway).mint({ ...TRANSACTION, principal });
    expect(verifierOf().verify(token)).toMatchObject({ principal });
  });

  it('what the gateway mints after its SVID was renewed', async () => {
    const renewed = await world.ca.issue('gateway');
    const verifier = verifierOf();
    for (const svid of [world.gateway, renewed, world.gateway]) {
      expect(verifier.verify(minterOf(svid).mint(TRANSACTION))).toMatchObject({
        principal: { id: 'user-1' },
      });
    }
  });

  it("the gateway's token and gives what it says", () => {
    expect(verifierOf().verify(world.token)).toEqual<TransactionContext>({
      txn: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      principal: TRANSACTION.principal,
      initiator: 'principal',
      requestingWorkloads: [idOf('gateway')],
      context: TRANSACTION.context,
      issuedAt: NOW,
      expiresAt: NOW + 60,
    });
  });
});
