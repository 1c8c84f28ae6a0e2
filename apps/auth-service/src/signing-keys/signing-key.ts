import { createPrivateKey, generateKeyPair } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningKey } from '@sallyport/tokens';
import { calculateJwkThumbprint } from 'jose';

/** The public members of a signing key as they are published (RFC 7517), and no others. */
export interface PublicJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  /** RFC 7638 thumbprint: the same key always has the same name. */
  readonly kid: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
}

/**
 * 2048 bits: what SP 800-57 part 1 accepts for signatures until 2030, under tokens that live for
 * minutes and keys that rotate. 3072 bits cost 5.5 times as much at the issuer (2.0 ms against
 * 0.36 ms a signature), twice as much at each verifier, and 170 characters in every request.
 */
const MODULUS_BITS = 2048;

const generate = promisify(generateKeyPair);

export async function generateSigningKey(): Promise<SigningKey & { publicJwk: PublicJwk }> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: MODULUS_BITS });
  const { n, e } = publicKey.export({ format: 'jwk' });
  if (n === undefined || e === undefined) throw new TypeError('not an RSA key');
  const kid = await calculateJwkThumbprint({ kty: 'RSA', n, e }, 'sha256');
  return { kid, privateKey, publicJwk: { kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' } };
}

/** PKCS #8 in DER. */
export function encodePrivateKey(privateKey: KeyObject): Buffer {
  return privateKey.export({ format: 'der', type: 'pkcs8' });
}

/** @throws Error when the bytes are not what {@link encodePrivateKey} gave. */
export function decodePrivateKey(encoded: Buffer): KeyObject {
  return createPrivateKey({ key: encoded, format: 'der', type: 'pkcs8' });
}
