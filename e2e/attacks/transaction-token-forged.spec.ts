import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  X509Certificate,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { billingV1 } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import type { FakeCertificate, FakeLeaf } from '@sallyport/testing';
import { Svid } from '@sallyport/workload-identity';
import { sharedCluster } from '../src/cluster-facts';
import { compactJws, partsOf, rs256 } from '../src/compact-jws';
import type { JsonObject } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { InternalClient } from '../src/internal-client';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { expectCallRefused, expectPassed } from '../src/refusal.expectations';
import { rpcOf } from '../src/rpc';
import { transactionTokenFor } from '../src/transaction-tokens';

needs(...EVIDENCE);

const chargeOrder = rpcOf(billingV1.BillingServiceDefinition, 'chargeOrder');
const evidence = new Evidence();
const client = new InternalClient();
const { grpcAddresses, certsFolder } = sharedCluster();

/** The gateway's own: no attacker has its key. With it, all but one thing about a token can be right. */
let gateway: Svid;
let orders: Svid;
let gatewayChain: readonly string[];

let customer: Customer;
let clusterCa: FakeCa;
let foreignCa: FakeCa;
beforeAll(async () => {
  gateway = Svid.parse(client.svidOf('gateway'));
  orders = Svid.parse(client.svidOf('orders-service'));
  gatewayChain = chainOf(gateway.chain);
  customer = await signUp(new PublicClient());
  clusterCa = await FakeCa.fromDevCa(certsFolder);
  foreignCa = await FakeCa.create();
});

/** orders-service passes a token on, or several; the call is its own in all other respects. */
const chargeWith = (presented: string | readonly string[] | undefined) =>
  client.callAs({
    svid: client.svidOf('orders-service'),
    address: grpcAddresses['billing-service'],
    method: chargeOrder,
    request: { orderId: randomUUID(), total: { amount: 100, currency: 'EUR' } },
    metadata: presented === undefined ? {} : { 'txn-token': presented },
  });

type Forgery = () => string | readonly string[] | undefined | Promise<string>;
type Case = readonly [name: string, reason: string, forge: Forgery];

const genuine = (): string => transactionTokenFor(customer);
const now = (): number => Math.floor(Date.now() / 1000);

const PRESENTED: readonly Case[] = [
  ['none', 'txn_token_missing', () => undefined],
  ['two', 'txn_token_duplicated', () => [genuine(), genuine()]],
  ['two in one field', 'txn_token_duplicated', () => `${genuine()},${genuine()}`],
  ['an empty one', 'txn_token_malformed', () => ''],
  ['as a bearer token', 'txn_token_malformed', () => `Bearer ${genuine()}`],
  ['the access token', 'txn_token_key_reference_refused', () => customer.accessToken],
  [
    'the access token, retyped by the gateway',
    'txn_token_audience_wrong',
    () => resigned({ payload: () => partsOf(customer.accessToken).payload }),
  ],
];

const CLAIMS: readonly Case[] = [
  ['expired', 'txn_token_expired', () => transactionTokenFor(customer, { ageSeconds: 600 })],
  [
    'issued in the future',
    'txn_token_not_yet_valid',
    () => transactionTokenFor(customer, { ageSeconds: -600 }),
  ],
  ['good for an hour', 'txn_token_claims_invalid', () => withClaims({ exp: now() + 3600 })],
  ['that never ends', 'txn_token_claims_invalid', () => withClaims({ exp: undefined })],
  [
    'that ends in the year 3000',
    'txn_token_claims_invalid',
    () => withClaims({ exp: 32503680000 }),
  ],
  ['that ends as text', 'txn_token_claims_invalid', () => withClaims({ exp: String(now() + 60) })],
  [
    'for a foreign trust domain',
    'txn_token_audience_wrong',
    () => transactionTokenFor(customer, { trustDomain: 'foreign.example' }),
  ],
  [
    'for this trust domain and another',
    'txn_token_audience_wrong',
    () => withClaims({ aud: ['sallyport.internal', 'foreign.example'] }),
  ],
  ['for nobody', 'txn_token_audience_wrong', () => withClaims({ aud: undefined })],
  ['of no user', 'txn_token_claims_invalid', () => withClaims({ sub: undefined })],
  ['without an id', 'txn_token_claims_invalid', () => withClaims({ txn: undefined })],
  [
    'with scopes in a list',
    'txn_token_claims_invalid',
    () => withClaims({ scope: ['orders:write'] }),
  ],
  [
    'with an unknown principal type',
    'txn_token_claims_invalid',
    () => withClaims({ tctx: { principal_type: 'admin' } }),
  ],
];

const SIGNERS: readonly Case[] = [
  [
    "orders-service's key and chain",
    'txn_token_issuer_wrong',
    () => transactionTokenFor(customer, { signer: client.svidOf('orders-service') }),
  ],
  [
    "orders-service's key under the gateway's chain",
    'txn_token_signature_invalid',
    () => resigned({ key: orders.privateKey }),
  ],
  [
    "the gateway's key under orders-service's chain",
    'txn_token_issuer_wrong',
    () => withChain(chainOf(orders.chain)),
  ],
  [
    'a gateway of another authority',
    'txn_token_chain_untrusted',
    () => signedBy(foreignCa.leaf('gateway')),
  ],
  [
    'a gateway that signed itself',
    'txn_token_chain_untrusted',
    () => signedBy(clusterCa.leaf('gateway').selfSigned()),
  ],
  [
    'an expired gateway',
    'txn_token_chain_untrusted',
    () => signedBy(clusterCa.leaf('gateway').expired()),
  ],
  [
    'a gateway of another trust domain',
    'txn_token_chain_untrusted',
    () => signedBy(clusterCa.leaf('gateway').otherTrustDomain()),
  ],
  [
    'a gateway with a second name',
    'txn_token_chain_untrusted',
    () => signedBy(clusterCa.leaf('gateway').twoUriSans()),
  ],
  [
    'an authority named as the gateway',
    'txn_token_chain_untrusted',
    () => signedBy(clusterCa.leaf('gateway').isCa()),
  ],
  [
    'a gateway of another namespace',
    'txn_token_issuer_wrong',
    () =>
      signedBy(
        clusterCa.leaf('gateway').notASpiffeId('spiffe://sallyport.internal/ns/other/sa/gateway'),
      ),
  ],
];

const CHAINS: readonly Case[] = [
  ['no x5c', 'txn_token_chain_missing', () => withChain(undefined)],
  ['an empty x5c', 'txn_token_chain_missing', () => withChain([])],
  ['an x5c that is no list', 'txn_token_chain_missing', () => withChain(gatewayChain[0])],
  [
    'an x5c of base64url',
    'txn_token_chain_missing',
    () => withChain(gateway.chain.map((der) => der.toString('base64url'))),
  ],
  ['an x5c of no certificates', 'txn_token_chain_untrusted', () => withChain(['AAAA'])],
  [
    'the intermediate first',
    'txn_token_chain_untrusted',
    () => withChain([...gatewayChain].reverse()),
  ],
  ['the intermediate alone', 'txn_token_chain_untrusted', () => withChain(gatewayChain.slice(1))],
  ['the leaf alone', 'txn_token_chain_untrusted', () => withChain(gatewayChain.slice(0, 1))],
  [
    "orders-service's leaf in between",
    'txn_token_chain_untrusted',
    () => withChain([gatewayChain[0], chainOf(orders.chain)[0], ...gatewayChain.slice(1)]),
  ],
  [
    'a foreign leaf before it',
    'txn_token_chain_untrusted',
    async () => {
      const { chain } = await foreignCa.leaf('gateway').issue();
      return withChain([...chainOf(chain).slice(0, 1), ...gatewayChain]);
    },
  ],
  [
    'the leaf, five times over',
    'txn_token_chain_missing',
    () => withChain([...Array<unknown>(4).fill(gatewayChain[0]), ...gatewayChain]),
  ],
];

const ALTERED: readonly Case[] = [
  [
    'a wider scope',
    'txn_token_signature_invalid',
    () => altered({ scope: 'orders:write billing:refund keys:manage' }),
  ],
  ['another user', 'txn_token_signature_invalid', () => altered({ sub: randomUUID() })],
  ['a later end', 'txn_token_signature_invalid', () => altered({ exp: now() + 50 })],
  [
    'another request',
    'txn_token_signature_invalid',
    () => altered({ rctx: { method: 'GET', route: '/', req_ip: '::1' } }),
  ],
  [
    'a bit of its signature',
    'txn_token_signature_invalid',
    () => {
      const { header, payload, signature } = partsOf(genuine());
      signature[40] = (signature[40] ?? 0) ^ 1;
      return compactJws(header, payload, () => signature);
    },
  ],
  ['no signature', 'txn_token_malformed', () => signedWith(() => Buffer.alloc(0))],
  ['a signature of zeros', 'txn_token_signature_invalid', () => signedWith(() => Buffer.alloc(64))],
  [
    'a signature in DER',
    'txn_token_signature_invalid',
    () => signedWith((input) => sign('sha256', Buffer.from(input), gateway.privateKey)),
  ],
  ['a fourth segment', 'txn_token_malformed', () => `${genuine()}.e30`],
  ['padding', 'txn_token_malformed', () => `${genuine()}=`],
];

const HEADERS: readonly Case[] = [
  [
    'alg none, with no signature',
    'txn_token_malformed',
    () => resigned({ header: { alg: 'none' }, signature: () => Buffer.alloc(0) }),
  ],
  [
    'alg none, with a signature',
    'txn_token_algorithm_refused',
    () => resigned({ header: { alg: 'none' } }),
  ],
  [
    "HS256, keyed with the gateway's public key",
    'txn_token_algorithm_refused',
    () => {
      const publicKey = new X509Certificate(gateway.certificateChainPem).publicKey;
      const secret = publicKey.export({ type: 'spki', format: 'pem' });
      const signature = (input: string) => createHmac('sha256', secret).update(input).digest();
      return resigned({ header: { alg: 'HS256' }, signature });
    },
  ],
  [
    'RS256 by a key of its own',
    'txn_token_algorithm_refused',
    () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return resigned({ header: { alg: 'RS256' }, signature: rs256(privateKey) });
    },
  ],
  ['ES384', 'txn_token_algorithm_refused', () => resigned({ header: { alg: 'ES384' } })],
  [
    'es256 in small letters',
    'txn_token_algorithm_refused',
    () => resigned({ header: { alg: 'es256' } }),
  ],
  ['typ JWT', 'txn_token_type_wrong', () => resigned({ header: { typ: 'JWT' } })],
  ['typ at+jwt', 'txn_token_type_wrong', () => resigned({ header: { typ: 'at+jwt' } })],
  ['no typ', 'txn_token_type_wrong', () => resigned({ header: { typ: undefined } })],
  [
    'an embedded key',
    'txn_token_key_reference_refused',
    () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = publicKey.export({ format: 'jwk' });
      return resigned({ header: { jwk }, key: privateKey });
    },
  ],
  [
    'jku',
    'txn_token_key_reference_refused',
    () => resigned({ header: { jku: 'https://localhost/keys' } }),
  ],
  [
    'x5u',
    'txn_token_key_reference_refused',
    () => resigned({ header: { x5u: 'https://localhost/chain' } }),
  ],
  ['kid', 'txn_token_key_reference_refused', () => resigned({ header: { kid: '../../dev/null' } })],
  ['crit', 'txn_token_key_reference_refused', () => resigned({ header: { crit: ['exp'] } })],
  ['an unknown member', 'txn_token_malformed', () => resigned({ header: { zip: 'DEF' } })],
];

describe.each([
  ['orders-service presents', PRESENTED],
  ['a token', CLAIMS],
  ['a token signed by', SIGNERS],
  ["the gateway's token with", CHAINS],
  ['a genuine token, altered afterwards:', ALTERED],
  ['a token whose header says', HEADERS],
])('%s', (_, cases) => {
  it.each(cases)('%s: refused as %s', async (_name, reason, forge) => {
    const outcome = await chargeWith(await forge());
    await expectCallRefused(outcome, { evidence, status: 'UNAUTHENTICATED', reason });
  });
});

describe('a genuine token', () => {
  it.each([
    ['without scopes', []],
    ['with the scope to read alone', ['orders:read', 'billing:read']],
    ['with a scope that only begins the same', ['orders:write:own']],
    ['with the scope in capitals', ['ORDERS:WRITE']],
  ])('%s does not charge', async (_, scopes) => {
    const outcome = await chargeWith(transactionTokenFor(customer, { scopes }));
    await expectCallRefused(outcome, {
      evidence,
      status: 'PERMISSION_DENIED',
      reason: 'insufficient_scope',
    });
  });

  it.each([
    ['as the gateway mints it', genuine],
    ['put together here with nothing changed', () => resigned({})],
    ['thirty seconds old', () => transactionTokenFor(customer, { ageSeconds: 30 })],
  ])('charges %s', async (_, token) => {
    const outcome = await chargeWith(token());
    await expectPassed(outcome, { evidence, handled: [chargeOrder.target] });
  });
});

interface Change {
  readonly header?: JsonObject;
  readonly payload?: (genuine: JsonObject) => JsonObject;
  readonly key?: KeyObject;
  readonly signature?: (signingInput: string) => Buffer;
}

/** The genuine token with these changes, signed again with the gateway's own key unless told otherwise. */
function resigned({ header, payload, key = gateway.privateKey, signature }: Change): string {
  const parts = partsOf(genuine());
  return compactJws(
    { ...parts.header, ...header },
    payload?.(parts.payload) ?? parts.payload,
    signature ?? es256(key),
  );
}

function withClaims(claims: JsonObject): string {
  return resigned({ payload: (payload) => ({ ...payload, ...claims }) });
}

function withChain(x5c: unknown): string {
  return resigned({ header: { x5c } });
}

/** The genuine token with claims changed under the old signature. */
function altered(claims: JsonObject): string {
  const { header, payload, signature } = partsOf(genuine());
  return compactJws(header, { ...payload, ...claims }, () => signature);
}

function signedWith(signature: (signingInput: string) => Buffer): string {
  return resigned({ signature });
}

async function signedBy(leaf: FakeLeaf): Promise<string> {
  const { chain, privateKeyPem }: FakeCertificate = await leaf.issue();
  return resigned({
    header: { x5c: chainOf(chain) },
    key: createPrivateKey(privateKeyPem),
  });
}

function es256(key: KeyObject): (signingInput: string) => Buffer {
  return (input) => sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
}

function chainOf(chain: readonly Buffer[]): readonly string[] {
  return chain.map((der) => der.toString('base64'));
}
