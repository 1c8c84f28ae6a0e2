import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { AccessTokenVerifier } from './access-token-verifier';
import type { Clock } from './clock';
import type { KeySet } from './key-set';
import { LocalKeySet } from './local-key-set';

export const ISSUER = 'https://localhost:8443';
export const AUDIENCE = 'https://api.sallyport.internal';
export const KID = '2030-01.a';

/** The time all fixtures agree on, in seconds since the epoch. */
export const NOW = 1_893_456_000;
export const clockAtNow: Clock = () => new Date(NOW * 1000);

export const issuerKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const foreignKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });

export function publishedKey(publicKey: KeyObject, kid: string): Record<string, unknown> {
  const { n, e } = publicKey.export({ format: 'jwk' });
  return { kty: 'RSA', n, e, kid, use: 'sig', alg: 'RS256' };
}

export const HEADER = { alg: 'RS256', typ: 'at+jwt', kid: KID };
export const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'user-1',
  client_id: 'web',
  scope: 'orders:read orders:write',
  iat: NOW,
  exp: NOW + 900,
  jti: 'token-1',
  sid: 'session-1',
  acr: 'urn:sallyport:acr:password',
  amr: ['pwd'],
  auth_time: NOW - 10,
};

export function signRs256(signingInput: string, key: KeyObject = issuerKeys.privateKey): Buffer {
  return sign('sha256', Buffer.from(signingInput), key);
}

export type Signature = (signingInput: string) => Buffer;

/** A compact JWS; parts that are objects are written as JSON. */
export function mint(
  header: object | string | Buffer = HEADER,
  payload: object | string | Buffer = CLAIMS,
  signature: Signature = signRs256,
): string {
  return sealed([header, payload].map(encoded).join('.'), signature);
}

/** Signs two segments as they are, whatever they hold. */
export function sealed(signingInput: string, signature: Signature = signRs256): string {
  return `${signingInput}.${encoded(signature(signingInput))}`;
}

/** The issuer's valid token with other members in its header; what is undefined is left out. */
export function withHeader(members: object, signature: Signature = signRs256): string {
  return mint({ ...HEADER, ...members }, CLAIMS, signature);
}

/** The issuer's valid token with other claims; what is undefined is left out. */
export function withClaims(claims: object): string {
  return mint(HEADER, { ...CLAIMS, ...claims });
}

/** A segment of a compact JWS. */
export function encoded(part: object | string | Buffer): string {
  if (Buffer.isBuffer(part)) return part.toString('base64url');
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}

/** The key under KID is the issuer's; the one under `second` signs nothing here. */
export function publishedKeys(): KeySet {
  return new LocalKeySet({
    keys: [publishedKey(issuerKeys.publicKey, KID), publishedKey(foreignKeys.publicKey, 'second')],
  });
}

export function verifierOf(keys = publishedKeys()): AccessTokenVerifier {
  return new AccessTokenVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    keys,
    clock: clockAtNow,
    clockToleranceSeconds: 5,
  });
}

export function segmentsOf(token: string): [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return [header, payload, signature];
}
