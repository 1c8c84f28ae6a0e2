import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { encodeCbor } from './cbor';
import type { CborValue } from './cbor';

/** COSE algorithms: ES256, Ed25519, RS256. */
export type CredentialAlgorithm = -7 | -8 | -257;

/** The key pair of one passkey. */
export interface CredentialKey {
  /** COSE_Key. */
  readonly publicKey: Buffer;
  sign(message: Buffer): Buffer;
}

export function newCredentialKey(algorithm: CredentialAlgorithm): CredentialKey {
  const { publicKey, privateKey } = keyPair(algorithm);
  const jwk = publicKey.export({ format: 'jwk' });
  const bytes = (member: string | undefined): Buffer => Buffer.from(member ?? '', 'base64url');
  const parameters: Readonly<Record<CredentialAlgorithm, readonly [number, CborValue][]>> = {
    [-7]: [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(jwk.x)],
      [-3, bytes(jwk.y)],
    ],
    [-8]: [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, bytes(jwk.x)],
    ],
    [-257]: [
      [1, 3],
      [3, -257],
      [-1, bytes(jwk.n)],
      [-2, bytes(jwk.e)],
    ],
  };
  return {
    publicKey: encodeCbor(new Map(parameters[algorithm])),
    sign: (message) => sign(algorithm === -8 ? null : 'sha256', message, privateKey),
  };
}

function keyPair(algorithm: CredentialAlgorithm): {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
} {
  switch (algorithm) {
    case -7:
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case -8:
      return generateKeyPairSync('ed25519');
    case -257:
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
  }
}
