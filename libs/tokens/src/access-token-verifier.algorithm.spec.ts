import { constants, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  CLAIMS,
  clockAtNow,
  foreignKeys as preparedKeys,
  HEADER,
  issuerKeys,
  KID,
  mint,
  publishedKey,
  signRs256,
  verifierOf,
  withHeader,
  type Signature,
} from './issuer.fixture';
import { itRefuses, otherKinds, refusalOf, refusedAs } from './refusals.fixture';
import { RemoteKeySet } from './remote-key-set';
import { TokenRejected, type TokenRejectionCode } from './token-rejected';

const TOKEN = mint();
const signedBy = (signatureOf: Signature) => mint(HEADER, CLAIMS, signatureOf);
const signedWith =
  ({ privateKey }: { privateKey: KeyObject }) =>
  (input: string) =>
    signRs256(input, privateKey);
const strangerKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ecKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const rsa =
  (hash: string, options: { padding?: number; saltLength?: number } = {}): Signature =>
  (input) =>
    sign(hash, Buffer.from(input), { key: issuerKeys.privateKey, ...options });
const pss = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};
const ecdsa =
  (hash: string, key: KeyObject, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Signature =>
  (input) =>
    sign(hash, Buffer.from(input), { key, dsaEncoding });
const onCurve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
const eddsa =
  (key: KeyObject): Signature =>
  (input) =>
    sign(null, Buffer.from(input), key);
const hmac =
  (hash: string, key: string | Buffer): Signature =>
  (input) =>
    createHmac(hash, key).update(input).digest();

/** Algorithms, each with a signature that is right by it. */
const OTHER_ALGORITHMS: Readonly<Record<string, Signature>> = {
  RS1: rsa('sha1'),
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  PS256: rsa('sha256', pss),
  PS384: rsa('sha384', pss),
  PS512: rsa('sha512', pss),
  ES256: ecdsa('sha256', ecKeys.privateKey),
  'ES256 in DER': ecdsa('sha256', ecKeys.privateKey, 'der'),
  ES384: ecdsa('sha384', onCurve('P-384')),
  ES512: ecdsa('sha512', onCurve('P-521')),
  ES256K: ecdsa('sha256', onCurve('secp256k1')),
  EdDSA: eddsa(generateKeyPairSync('ed25519').privateKey),
  Ed25519: eddsa(generateKeyPairSync('ed25519').privateKey),
  Ed448: eddsa(generateKeyPairSync('ed448').privateKey),
  HS256: hmac('sha256', ''),
  HS384: hmac('sha384', ''),
  HS512: hmac('sha512', ''),
};

const { publicKey } = issuerKeys;
const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const publicJwk = publicKey.export({ format: 'jwk' });
/** What a verifier that confuses a public key with a secret might key an HMAC with. */
const PUBLIC_AS_SECRET: Readonly<Record<string, string | Buffer>> = {
  'the PEM': publicPem,
  'the PEM without its last line end': publicPem.trimEnd(),
  'the PEM in one line': publicPem.replaceAll('\n', ''),
  'the PEM of PKCS #1': publicKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  'the DER': publicKey.export({ type: 'spki', format: 'der' }),
  'the DER of PKCS #1': publicKey.export({ type: 'pkcs1', format: 'der' }),
  'the JWK': JSON.stringify(publicJwk),
  'the published JWK': JSON.stringify(publishedKey(publicKey, KID)),
  'the modulus': Buffer.from(publicJwk.n ?? '', 'base64url'),
  'the modulus in base64url': publicJwk.n ?? '',
  'the key id': KID,
};

/** Further names of the registry, of encryption and of signatures Node cannot make. */
const REGISTERED = [
  ...['dir', 'RSA1_5', 'RSA-OAEP', 'RSA-OAEP-256', 'A128KW', 'A256GCMKW', 'ECDH-ES', 'A256GCM'],
  ...['ECDH-ES+A128KW', 'PBES2-HS256+A128KW', 'A128CBC-HS256', 'ML-DSA-44', 'SLH-DSA-SHA2-128s'],
];

/** Names that a forgiving comparison takes for RS256 or none. */
const ALIKE = [
  ...['', 'rs256', 'Rs256', 'rS256', ' RS256', 'RS256 ', 'RS256\n', 'RS256\0', 'RS256,none'],
  ...['RS', 'RS2566', 'RSA256', 'RS-256', 'RSA-SHA256', 'SHA256withRSA', '\uff32\uff33256'],
  ...['R\u0405256', 'RS\u0662\u0665\u0666', 'RS256\u200b', '\ufeffRS256', 'constructor'],
  ...['none ', 'none\0', '\u0578one', 'n\u043ene', 'null', 'undefined', 'false', '0'],
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
];

/** Every way to write a word in upper and lower case letters. */
function capitalisations(word: string): string[] {
  return Array.from(word).reduce<string[]>(
    (starts, letter) =>
      starts.flatMap((start) => [start + letter.toLowerCase(), start + letter.toUpperCase()]),
    [''],
  );
}

describe('AccessTokenVerifier refuses, by its alg,', () => {
  const noSignature = () => Buffer.alloc(0);
  itRefuses(
    [
      ...capitalisations('none').flatMap((alg) => [
        ...refusedAs('token_algorithm_refused', [[alg, withHeader({ alg })]]),
        ...refusedAs('token_malformed', [[`${alg}, unsigned`, withHeader({ alg }, noSignature)]]),
      ]),
      ...otherKinds('alg', 'token_algorithm_refused', withHeader),
      ...refusedAs('token_algorithm_refused', [
        ['alg in a list', withHeader({ alg: ['RS256'] })],
        ['alg in an object', withHeader({ alg: { alg: 'RS256' } })],
        ...[...REGISTERED, ...ALIKE].map(
          (alg) => [JSON.stringify(alg), withHeader({ alg })] as const,
        ),
        ...Object.entries(OTHER_ALGORITHMS).map(([name, signatureOf]) => {
          const alg = name.replace(/ .*/, '');
          return [name, withHeader({ alg }, signatureOf)] as const;
        }),
        ...Object.entries(PUBLIC_AS_SECRET).map(([form, key]) => {
          const token = withHeader({ alg: 'HS256' }, hmac('sha256', key));
          return [`HS256, keyed with ${form}`, token] as const;
        }),
      ]),
    ],
    { lookups: 0 },
  );
});

describe('AccessTokenVerifier refuses RS256 in name that is, in truth,', () => {
  itRefuses(
    refusedAs('token_signature_invalid', [
      ...Object.entries(OTHER_ALGORITHMS).map(
        ([alg, signatureOf]) => [alg, signedBy(signatureOf)] as const,
      ),
      ...Object.entries(PUBLIC_AS_SECRET).map(
        ([form, key]) => [`HS256, keyed with ${form}`, signedBy(hmac('sha256', key))] as const,
      ),
    ]),
    { lookups: 1 },
  );
});

describe('AccessTokenVerifier refuses a signature by', () => {
  const jwk = publishedKey(strangerKeys.publicKey, 'stranger');
  itRefuses(
    [
      ...refusedAs('token_signature_invalid', [
        ['a key of a stranger under the kid in use', signedBy(signedWith(strangerKeys))],
        ['the key prepared for later under the kid in use', signedBy(signedWith(preparedKeys))],
        ['the key in use under the kid prepared for later', withHeader({ kid: 'second' })],
      ]),
      ...refusedAs('token_key_unknown', [
        ['a key of a stranger', withHeader({ kid: jwk['kid'] }, signedWith(strangerKeys))],
        ['the key in use under a kid nobody has', withHeader({ kid: 'third' })],
      ]),
    ],
    { lookups: 1, unbroken: withHeader({ kid: 'second' }, signedWith(preparedKeys)) },
  );
});

describe('AccessTokenVerifier refuses, of keys that were published for something else,', () => {
  const rsaKey = publishedKey(publicKey, KID);
  const ecKey = (key: KeyObject, alg: string) => {
    return { ...key.export({ format: 'jwk' }), kid: KID, use: 'sig', alg };
  };
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const ed25519 = generateKeyPairSync('ed25519');
  const byEcdsa = ecdsa('sha256', ecKeys.privateKey);

  it.each<[string, TokenRejectionCode, object, string]>([
    [
      'an EC key for ES256, of an ES256 token',
      'token_algorithm_refused',
      ecKey(ecKeys.publicKey, 'ES256'),
      withHeader({ alg: 'ES256' }, byEcdsa),
    ],
    [
      'an RSA key, of an ES256 token',
      'token_algorithm_refused',
      rsaKey,
      withHeader({ alg: 'ES256' }, byEcdsa),
    ],
    ['an RSA key, of an ECDSA signature', 'token_signature_invalid', rsaKey, signedBy(byEcdsa)],
    ['an EC key', 'token_key_unknown', ecKey(ecKeys.publicKey, 'ES256'), TOKEN],
    [
      'an EC key said to be for RS256',
      'token_key_unknown',
      ecKey(ecKeys.publicKey, 'RS256'),
      signedBy(byEcdsa),
    ],
    [
      'a key on another curve',
      'token_key_unknown',
      ecKey(p384.publicKey, 'RS256'),
      signedBy(ecdsa('sha384', p384.privateKey)),
    ],
    [
      'an Edwards key said to be for RS256',
      'token_key_unknown',
      ecKey(ed25519.publicKey, 'RS256'),
      signedBy(eddsa(ed25519.privateKey)),
    ],
    [
      'an EC key said to be RSA',
      'token_key_unknown',
      { ...ecKey(ecKeys.publicKey, 'RS256'), kty: 'RSA' },
      signedBy(byEcdsa),
    ],
    [
      'a symmetric key, known to all',
      'token_key_unknown',
      { kty: 'oct', k: 'AAAA', kid: KID, use: 'sig', alg: 'RS256' },
      signedBy(hmac('sha256', Buffer.alloc(3))),
    ],
    ['its own key for PS256', 'token_key_unknown', { ...rsaKey, alg: 'PS256' }, TOKEN],
    ['its own key for RS512', 'token_key_unknown', { ...rsaKey, alg: 'RS512' }, TOKEN],
    ['its own key without alg', 'token_key_unknown', { ...rsaKey, alg: undefined }, TOKEN],
    ['its own key for encryption', 'token_key_unknown', { ...rsaKey, use: 'enc' }, TOKEN],
    ['its own key for another kid', 'token_key_unknown', { ...rsaKey, kid: 'other' }, TOKEN],
  ])('%s: %s', async (_name, code, published, token) => {
    let jwks: unknown = { keys: [published] };
    const times = { refreshAfterMs: 1, minFetchIntervalMs: 0, rememberMissMs: 0 };
    const keys = new RemoteKeySet({ fetchKeys: async () => jwks, clock: clockAtNow, ...times });
    const verifier = verifierOf(keys);
    expect((await refusalOf(token, verifier)).code).toBe(code);
    jwks = { keys: [rsaKey] };
    await keys.refresh();
    await expect(verifier.verify(TOKEN)).resolves.toBeDefined();
  });

  it('and calls a key set that hands one out a defect, not a bad token', async () => {
    const find = async () => ({ kid: KID, alg: 'RS256' as const, key: ecKeys.publicKey });
    const verified = verifierOf({ version: 0, find }).verify(signedBy(byEcdsa));
    await expect(verified).rejects.toThrow();
    await expect(verified).rejects.not.toBeInstanceOf(TokenRejected);
  });
});
