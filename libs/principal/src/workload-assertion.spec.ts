import { sign, X509Certificate } from 'node:crypto';
import { validFor } from '@sallyport/dev-ca';
import type { Svid } from '@sallyport/workload-identity';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { TransactionTokenMinter } from './transaction-token-minter';
import {
  WorkloadAssertionRejected,
  WorkloadAssertionSigner,
  WorkloadAssertionVerifier,
  type WorkloadAssertionRejectionCode,
} from './workload-assertion';
import { clockAtNow, foreignDomain, idOf, NOW, trustDomain, WorkloadCa } from './workloads.fixture';

const ORDERS = idOf('orders-service');
const SERVICE = idOf('auth-service');

async function issueWorld() {
  const ca = await WorkloadCa.create();
  return {
    ca,
    orders: await ca.issue('orders-service'),
    billing: await ca.issue('billing-service'),
    expired: await ca.issue('orders-service', validFor(-1_000, clockAtNow())),
    ofAnotherCa: await (await WorkloadCa.create()).issue('orders-service'),
  };
}

type World = Awaited<ReturnType<typeof issueWorld>>;
let world: World;
beforeAll(async () => {
  world = await issueWorld();
});

const signedBy = (svid: Svid) =>
  new WorkloadAssertionSigner(world.ca.sourceOf(svid), clockAtNow).sign(SERVICE);

interface Change {
  readonly header?: object;
  readonly claims?: object;
  readonly by?: Svid;
}

/** The valid assertion with one thing changed, signed again. */
function remade({ header, claims, by = world.orders }: Change): string {
  const [head = '', payload = ''] = signedBy(world.orders).split('.');
  const given = [head, payload].map((part) => JSON.parse(decoded(part)) as object);
  const input = [
    { ...given[0], ...header },
    { ...given[1], ...claims },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const key = { key: by.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

const decoded = (part: string) => Buffer.from(part, 'base64url').toString();
const withClaims = (claims: object) => () => remade({ claims });
const withHeader = (header: object) => () => remade({ header });

const verifier = () =>
  new WorkloadAssertionVerifier({
    bundle: () => world.ca.bundle,
    trustDomain,
    clock: clockAtNow,
    audience: SERVICE,
  });

const REFUSED: readonly [string, WorkloadAssertionRejectionCode, () => string][] = [
  ['an empty text', 'assertion_malformed', () => ''],
  ['typ JWT', 'assertion_type_wrong', withHeader({ typ: 'JWT' })],
  ['typ dpop+jwt', 'assertion_type_wrong', withHeader({ typ: 'dpop+jwt' })],
  [
    'a transaction token',
    'assertion_type_wrong',
    () =>
      new TransactionTokenMinter({
        source: world.ca.sourceOf(world.orders),
        trustDomain,
        clock: clockAtNow,
      }).mint({
        principal: { id: 'user-1', type: 'user', scopes: new Set() },
        context: { method: 'GET', route: '/', clientAddress: '::1' },
      }),
  ],
  ['an embedded key', 'assertion_key_reference_refused', withHeader({ jwk: {} })],
  ['alg none', 'assertion_algorithm_refused', withHeader({ alg: 'none' })],
  ['no chain', 'assertion_chain_missing', withHeader({ x5c: undefined })],
  ['another authority', 'assertion_chain_untrusted', () => signedBy(world.ofAnotherCa)],
  ['an expired SVID', 'assertion_chain_untrusted', () => signedBy(world.expired)],
  ['another workload', 'assertion_issuer_wrong', () => signedBy(world.billing)],
  ["another workload's key", 'assertion_signature_invalid', () => remade({ by: world.billing })],
  ['another issuer', 'assertion_issuer_claim_wrong', withClaims({ iss: SERVICE.toString() })],
  ['no issuer', 'assertion_issuer_claim_wrong', withClaims({ iss: undefined })],
  ['another subject', 'assertion_subject_wrong', withClaims({ sub: 'user-1' })],
  [
    'the trust domain as audience',
    'assertion_audience_wrong',
    withClaims({ aud: 'sallyport.internal' }),
  ],
  ['audiences in a list', 'assertion_audience_wrong', withClaims({ aud: [SERVICE.toString()] })],
  [
    'the service of another trust domain',
    'assertion_audience_wrong',
    withClaims({ aud: idOf('auth-service', foreignDomain).toString() }),
  ],
  ['no jti', 'assertion_claims_invalid', withClaims({ jti: undefined })],
  ['no exp', 'assertion_claims_invalid', withClaims({ exp: undefined })],
  ['an expiry that is past', 'assertion_expired', withClaims({ iat: NOW - 30, exp: NOW - 5 })],
  ['an issue in the future', 'assertion_not_yet_valid', withClaims({ iat: NOW + 6 })],
  ['a life over a minute', 'assertion_claims_invalid', withClaims({ exp: NOW + 61 })],
  [
    'an end before its issue',
    'assertion_claims_invalid',
    withClaims({ iat: NOW + 4, exp: NOW + 3 }),
  ],
];

describe('WorkloadAssertionVerifier refuses', () => {
  it.each(REFUSED)('%s: %s', (_name, code, make) => {
    let thrown: unknown;
    try {
      verifier().verify(make(), ORDERS);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WorkloadAssertionRejected);
    expect(thrown).toMatchObject({ code, message: code });
  });

  it('an assertion that another workload presents', () => {
    const presented = signedBy(world.orders);
    expect(() => verifier().verify(presented, idOf('billing-service'))).toThrow(
      'assertion_issuer_wrong',
    );
    expect(verifier().verify(presented, ORDERS)).toBeDefined();
  });
});

describe('WorkloadAssertionSigner', () => {
  it('signs what the draft asks for, each with an id of its own', async () => {
    const [first, second] = [signedBy(world.orders), signedBy(world.orders)];
    const leaf = new X509Certificate(world.orders.certificateChainPem);
    const { payload } = await compactVerify(first, leaf.publicKey);
    const claims = JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>;
    expect(decodeProtectedHeader(first)).toMatchObject({ typ: 'workload-assertion+jwt' });
    expect(claims).toEqual({
      ...{ iss: ORDERS.toString(), sub: ORDERS.toString(), aud: SERVICE.toString() },
      ...{ iat: NOW, exp: NOW + 60, jti: expect.any(String) as string },
    });
    const { jti, usableUntil } = verifier().verify(first, ORDERS);
    expect(jti).toBe(claims['jti']);
    expect(usableUntil).toBe(NOW + 65);
    expect(verifier().verify(second, ORDERS).jti).not.toBe(jti);
  });
});
