import { constants, createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { DpopProofVerifier } from './dpop-proof-verifier';
import { clockAtNow, mint, NOW } from './issuer.fixture';

export const TOKEN = mint();
export const REQUEST = { method: 'POST', uri: 'https://localhost:8443/orders' };

export interface DpopKeyPair {
  readonly alg: string;
  readonly privateKey: KeyObject;
  /** Public, with the members that identify it and no other. */
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly thumbprint: string;
}

/** A key pair; its thumbprint is computed as RFC 7638 §3 is written, apart from the code that is tested. */
function pairOf(
  alg: string,
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
): DpopKeyPair {
  const jwk = publicKey.export({ format: 'jwk' });
  const written = Object.keys(jwk)
    .sort()
    .map((name) => `"${name}":"${String(jwk[name])}"`)
    .join(',');
  const thumbprint = createHash('sha256').update(`{${written}}`).digest('base64url');
  return { alg, privateKey, jwk, thumbprint };
}

export const keyPair = (namedCurve = 'P-256') =>
  pairOf('ES256', generateKeyPairSync('ec', { namedCurve }));
export const rsaKeyPair = (modulusLength = 2048) =>
  pairOf('PS256', generateKeyPairSync('rsa', { modulusLength }));
export const edwardsKeyPair = (alg = 'EdDSA') => pairOf(alg, generateKeyPairSync('ed25519'));

export const HOLDER = keyPair();

export const CLAIMS = {
  jti: 'f3a1c8d2e9b04756',
  htm: REQUEST.method,
  htu: REQUEST.uri,
  iat: NOW,
  ath: createHash('sha256').update(TOKEN).digest('base64url'),
};

/** A valid proof with other members in its header or its claims, or another signature. */
export function proofWith(
  {
    header = {},
    claims = {},
    signature,
  }: {
    readonly header?: object;
    readonly claims?: object;
    readonly signature?: (signingInput: string) => Buffer;
  } = {},
  pair: DpopKeyPair = HOLDER,
): string {
  return mint(
    { typ: 'dpop+jwt', alg: pair.alg, jwk: pair.jwk, ...header },
    { ...CLAIMS, ...claims },
    signature ?? signatureBy(pair),
  );
}

export function signatureBy({ alg, privateKey }: DpopKeyPair): (signingInput: string) => Buffer {
  return (signingInput) => {
    const bytes = Buffer.from(signingInput);
    if (alg === 'PS256') {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      return sign('sha256', bytes, { key: privateKey, padding, saltLength: 32 });
    }
    if (alg !== 'ES256') return sign(null, bytes, privateKey);
    return sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  };
}

export function proofVerifier(): DpopProofVerifier {
  return new DpopProofVerifier({ clock: clockAtNow, oldestSeconds: 60, clockToleranceSeconds: 10 });
}

/** Verifies as the request {@link REQUEST} with {@link TOKEN}, bound to a key pair. */
export function verifyProof(
  presentedProof: string,
  { thumbprint }: Pick<DpopKeyPair, 'thumbprint'> = HOLDER,
  request = REQUEST,
) {
  const token = { presentedToken: TOKEN, keyThumbprint: thumbprint };
  return proofVerifier().verify(presentedProof, request, token);
}
