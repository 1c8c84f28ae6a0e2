import { constants, createHmac, createPublicKey, sign } from 'node:crypto';
import { TokenMint } from '@sallyport/testing';
import { compactJws, encodeJson, partsOf, rs256 } from '../src/compact-jws';
import type { JsonObject, JwsParts } from '../src/compact-jws';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { issuerKey } from '../src/issuer-key';
import type { IssuerKey } from '../src/issuer-key';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { transactionTokenFor } from '../src/transaction-tokens';

needs(...EVIDENCE, 'databases', 'key-encryption-key');

/** What a forger has to work with: more than any real one, so that each token is wrong in one thing alone. */
interface Workshop {
  /** A valid token, and its parts. */
  readonly token: string;
  readonly genuine: JwsParts;
  /** The issuer's own key. */
  readonly issuer: IssuerKey;
  /** An issuer of the forger's. */
  readonly foreign: TokenMint;
  /** The issuer's public key as anybody can fetch it. */
  readonly publicJwk: JsonObject & { readonly n: string };
  readonly customer: Customer;
}

type Forge = (workshop: Workshop) => string;

interface Forgery {
  readonly forgery: string;
  /** What the gateway logs; the client is never told. */
  readonly reason: string;
  readonly forge: Forge;
}

/** Signed by the issuer's own key, with these changes; a member that is undefined is left out. */
function signed(changes: { readonly header?: JsonObject; readonly payload?: JsonObject }): Forge {
  return ({ genuine, issuer }) =>
    compactJws(
      { ...genuine.header, ...changes.header },
      { ...genuine.payload, ...changes.payload },
      rs256(issuer.privateKey),
    );
}

/** The genuine claims under a header that says `alg`, with a signature by that algorithm. */
function algorithm(alg: string, signatureOf: (workshop: Workshop, input: string) => Buffer): Forge {
  return (workshop) => {
    const { header, payload } = workshop.genuine;
    return compactJws({ ...header, alg }, payload, (input) => signatureOf(workshop, input));
  };
}

/** Signed by the forger's own key under the issuer's `kid`, with a header that says where that key is. */
function ownKey(header: (foreign: TokenMint) => JsonObject): Forge {
  return ({ genuine, foreign }) =>
    compactJws(
      { ...genuine.header, ...header(foreign) },
      genuine.payload,
      rs256(foreign.privateKey),
    );
}

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;
const issued = (offset: number): JsonObject => ({
  iat: seconds(offset),
  exp: seconds(offset + 900),
  auth_time: seconds(offset),
});

const genuineSignature = ({ genuine }: Workshop): Buffer => genuine.signature;
const hmacKeyedWith =
  (secretOf: (workshop: Workshop) => string) =>
  (workshop: Workshop, input: string): Buffer =>
    createHmac('sha256', secretOf(workshop)).update(input).digest();

const pemOf = ({ publicJwk }: Workshop): string =>
  createPublicKey({ key: publicJwk as never, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();

const ALGORITHMS: readonly Forgery[] = [
  {
    forgery: 'with alg none and no signature',
    reason: 'token_malformed',
    forge: algorithm('none', () => Buffer.alloc(0)),
  },
  ...['none', 'None', 'NONE', 'nOnE'].map((alg) => ({
    forgery: `with alg ${alg} over a signature`,
    reason: 'token_algorithm_refused',
    forge: algorithm(alg, genuineSignature),
  })),
  {
    forgery: 'with HS256 keyed with the public key’s PEM',
    reason: 'token_algorithm_refused',
    forge: algorithm('HS256', hmacKeyedWith(pemOf)),
  },
  {
    forgery: 'with HS256 keyed with the public key’s modulus',
    reason: 'token_algorithm_refused',
    forge: algorithm(
      'HS256',
      hmacKeyedWith(({ publicJwk }) => publicJwk.n),
    ),
  },
  {
    forgery: 'with PS256 by the issuer’s own key',
    reason: 'token_algorithm_refused',
    forge: algorithm('PS256', ({ issuer }, input) =>
      sign('sha256', Buffer.from(input), {
        key: issuer.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }),
    ),
  },
  {
    forgery: 'with RS512 by the issuer’s own key',
    reason: 'token_algorithm_refused',
    forge: algorithm('RS512', ({ issuer }, input) =>
      sign('sha512', Buffer.from(input), issuer.privateKey),
    ),
  },
  {
    forgery: 'without alg',
    reason: 'token_algorithm_refused',
    forge: signed({ header: { alg: undefined } }),
  },
];

const KEYS: readonly Forgery[] = [
  {
    forgery: 'by an unknown key under the issuer’s kid',
    reason: 'token_signature_invalid',
    forge: ownKey(() => ({})),
  },
  {
    forgery: 'by an unknown key under its own kid',
    reason: 'token_key_unknown',
    forge: ownKey(({ kid }) => ({ kid })),
  },
  {
    forgery: 'by the issuer’s key under a wrong kid',
    reason: 'token_key_unknown',
    forge: signed({ header: { kid: 'no-such-key' } }),
  },
  {
    forgery: 'by the issuer’s key without kid',
    reason: 'token_malformed',
    forge: signed({ header: { kid: undefined } }),
  },
  {
    forgery: 'by the issuer’s key under a kid that is a path',
    reason: 'token_malformed',
    forge: signed({ header: { kid: '../../../dev/null' } }),
  },
  {
    forgery: 'that brings its own key as jwk',
    reason: 'token_key_reference_refused',
    forge: ownKey(({ jwks }) => ({ jwk: jwks.keys[0] })),
  },
  ...['jku', 'x5u'].map((member) => ({
    forgery: `that says in ${member} where its key is`,
    reason: 'token_key_reference_refused',
    forge: ownKey(() => ({ [member]: 'https://attacker.example/keys' })),
  })),
  {
    forgery: 'that brings a certificate as x5c',
    reason: 'token_key_reference_refused',
    forge: ownKey(() => ({ x5c: ['MIIB'] })),
  },
  {
    forgery: 'that names a certificate in x5t#S256',
    reason: 'token_key_reference_refused',
    forge: signed({ header: { 'x5t#S256': 'aGFzaA' } }),
  },
  {
    forgery: 'with crit, by the issuer’s key',
    reason: 'token_key_reference_refused',
    forge: signed({ header: { crit: ['exp'], exp: 1 } }),
  },
];

const TYPES: readonly Forgery[] = [
  ...['JWT', 'txntoken+jwt', 'dpop+jwt', 'logout+jwt'].map((typ) => ({
    forgery: `of type ${typ}`,
    reason: 'token_type_wrong',
    forge: signed({ header: { typ } }),
  })),
  {
    forgery: 'of no type',
    reason: 'token_type_wrong',
    forge: signed({ header: { typ: undefined } }),
  },
  {
    forgery: 'that is the customer’s own transaction token',
    reason: 'token_key_reference_refused',
    forge: ({ customer }) => transactionTokenFor(customer),
  },
];

const CLAIMS: readonly Forgery[] = [
  {
    forgery: 'of a foreign issuer',
    reason: 'token_issuer_wrong',
    forge: signed({ payload: { iss: 'https://issuer.example' } }),
  },
  {
    forgery: 'of an issuer with a slash more',
    reason: 'token_issuer_wrong',
    forge: (workshop) =>
      signed({ payload: { iss: `${String(workshop.genuine.payload['iss'])}/` } })(workshop),
  },
  {
    forgery: 'for another audience',
    reason: 'token_audience_wrong',
    forge: signed({ payload: { aud: ['https://other.example'] } }),
  },
  {
    forgery: 'for no audience',
    reason: 'token_audience_wrong',
    forge: signed({ payload: { aud: undefined } }),
  },
  {
    forgery: 'that has expired',
    reason: 'token_expired',
    forge: signed({ payload: issued(-960) }),
  },
  {
    forgery: 'that is not valid yet',
    reason: 'token_not_yet_valid',
    forge: signed({ payload: issued(60) }),
  },
  {
    forgery: 'that is not to be used before a minute from now',
    reason: 'token_not_yet_valid',
    forge: signed({ payload: { nbf: seconds(60) } }),
  },
  {
    forgery: 'that is to live for a year',
    reason: 'token_claims_invalid',
    forge: signed({ payload: { exp: seconds(31_536_000) } }),
  },
  {
    forgery: 'that never expires',
    reason: 'token_claims_invalid',
    forge: signed({ payload: { exp: undefined } }),
  },
  {
    forgery: 'of nobody',
    reason: 'token_claims_invalid',
    forge: signed({ payload: { sub: undefined } }),
  },
];

/** The genuine token with one of its segments replaced. */
function replaced(
  segment: 0 | 1 | 2,
  replace: (encoded: string, workshop: Workshop) => string,
): Forge {
  return (workshop) =>
    workshop.token
      .split('.')
      .map((encoded, index) => (index === segment ? replace(encoded, workshop) : encoded))
      .join('.');
}

const FORMS: readonly Forgery[] = [
  {
    forgery: 'whose header was altered',
    reason: 'token_signature_invalid',
    forge: replaced(0, (_, { genuine }) =>
      encodeJson({ ...genuine.header, typ: 'application/at+jwt' }),
    ),
  },
  {
    forgery: 'whose claims were altered',
    reason: 'token_signature_invalid',
    forge: replaced(1, (_, { genuine }) =>
      encodeJson({ ...genuine.payload, scope: 'orders:read keys:manage' }),
    ),
  },
  {
    forgery: 'whose signature was altered',
    reason: 'token_signature_invalid',
    forge: replaced(2, (_, { genuine }) => {
      const bytes = Buffer.from(genuine.signature);
      bytes.writeUInt8(bytes.readUInt8(0) ^ 1);
      return bytes.toString('base64url');
    }),
  },
  {
    forgery: 'with the signature of another token',
    reason: 'token_signature_invalid',
    forge: replaced(2, (_, workshop) =>
      partsOf(signed({ payload: { jti: 'another' } })(workshop)).signature.toString('base64url'),
    ),
  },
  {
    forgery: 'with an empty signature',
    reason: 'token_malformed',
    forge: replaced(2, () => ''),
  },
  {
    forgery: 'without a signature',
    reason: 'token_malformed',
    forge: ({ token }) => token.split('.', 2).join('.'),
  },
  {
    forgery: 'with a padded signature',
    reason: 'token_malformed',
    forge: replaced(2, (encoded) => `${encoded}==`),
  },
  {
    forgery: 'with a fourth segment',
    reason: 'token_malformed',
    forge: ({ token }) => `${token}.e30`,
  },
  {
    forgery: 'of five segments, as if it were encrypted',
    reason: 'token_malformed',
    forge: ({ token }) => `${token}.e30.e30`,
  },
  {
    forgery: 'in JSON serialisation, encoded',
    reason: 'token_malformed',
    forge: ({ token }) => Buffer.from(jsonSerialisation(token)).toString('base64url'),
  },
  {
    forgery: 'with a member of its header twice',
    reason: 'token_malformed',
    forge: ({ genuine, issuer }) => {
      const header = `{"alg":"none",${JSON.stringify(genuine.header).slice(1)}`;
      const input = `${Buffer.from(header).toString('base64url')}.${encodeJson(genuine.payload)}`;
      return `${input}.${rs256(issuer.privateKey)(input).toString('base64url')}`;
    },
  },
  { forgery: 'that is no token at all', reason: 'token_malformed', forge: () => 'secret' },
];

/** RFC 7515 section 7.2.2. */
function jsonSerialisation(token: string): string {
  const [header, payload, signature] = token.split('.');
  return JSON.stringify({ payload, protected: header, signature });
}

const CHALLENGE =
  'Bearer realm="sallyport", error="invalid_token", error_description="The access token is not accepted"';

describe('forged access tokens (R8)', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  const handled = ['GET /orders', 'sallyport.orders.v1.OrdersService/ListOrders'];
  let workshop: Workshop;

  beforeAll(async () => {
    const [customer, issuer, jwks] = await Promise.all([
      signUp(client),
      issuerKey(),
      client.send({ path: '/.well-known/jwks.json' }),
    ]);
    const [publicJwk] = (jwks.json as { readonly keys: readonly [Workshop['publicJwk']] }).keys;
    const token = customer.accessToken;
    const foreign = new TokenMint();
    workshop = { token, genuine: partsOf(token), issuer, foreign, publicJwk, customer };
  });

  const listOrdersWith = (accessToken: string): Promise<PublicResponse> =>
    client.send({ path: '/orders', accessToken });

  it.each([...ALGORITHMS, ...KEYS, ...TYPES, ...CLAIMS, ...FORMS])(
    'refuses a token $forgery',
    async ({ forge, reason }) => {
      const answer = await listOrdersWith(forge(workshop));

      await expectRefused(answer, { evidence, status: 401, code: 'invalid_token', reason });
      expect(answer.headers['www-authenticate']).toBe(CHALLENGE);
    },
  );

  it('refuses a token in JSON serialisation, whose commas would separate credentials', async () => {
    const answer = await listOrdersWith(jsonSerialisation(workshop.token));

    await expectRefused(answer, { evidence, status: 400, code: 'multiple_credentials' });
  });

  it('refuses a token on every route alike', async () => {
    const accessToken = ownKey(() => ({}))(workshop);
    for (const path of ['/auth/me', '/orders/none', '/invoices']) {
      const answer = await client.send({ path, accessToken });
      const reason = 'token_signature_invalid';
      await expectRefused(answer, { evidence, status: 401, code: 'invalid_token', reason });
    }
  });

  it('refuses a request without a token, and says no more than that one is wanted', async () => {
    const answer = await client.send({ path: '/orders' });

    await expectRefused(answer, { evidence, status: 401, code: 'credential_missing' });
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="sallyport", DPoP realm="sallyport", algs="ES256 PS256 EdDSA Ed25519"',
    );
  });

  it('accepts the genuine token', async () => {
    const answer = await listOrdersWith(workshop.token);

    await expectPassed(answer, { evidence, handled });
  });

  it.each<readonly [string, Forge]>([
    ['nothing changed', signed({})],
    ['the long form of the type', signed({ header: { typ: 'application/at+jwt' } })],
    [
      'a second audience beside the right one',
      (shop) =>
        signed({
          payload: { aud: [String(shop.genuine.payload['aud']), 'https://other.example'] },
        })(shop),
    ],
  ])('accepts a token signed by the issuer’s key with %s', async (_, forge) => {
    const answer = await listOrdersWith(forge(workshop));

    await expectPassed(answer, { evidence, handled });
  });
});
