import type { SigningKey } from '@sallyport/tokens';
import type { KeyEncryption, SealedSecret } from './key-encryption';
import { decodePrivateKey, encodePrivateKey, generateSigningKey } from './signing-key';
import type { PublicJwk } from './signing-key';

/** A signing key as it may be stored. */
export interface SealedSigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly sealedPrivateKey: SealedSecret;
}

/** Takes about a tenth of a second: nothing others wait for may be held meanwhile. */
export async function generateSealedSigningKey(
  encryption: KeyEncryption,
): Promise<SealedSigningKey> {
  const { kid, privateKey, publicJwk } = await generateSigningKey();
  const sealedPrivateKey = await encryption.seal(encodePrivateKey(privateKey), contextOf(kid));
  return { kid, publicJwk, sealedPrivateKey };
}

/** Rejects with SealBroken when the key it is sealed under is not at hand, or the seal is of another row. */
export async function openSigningKey(
  { kid, sealedPrivateKey }: Omit<SealedSigningKey, 'publicJwk'>,
  encryption: KeyEncryption,
): Promise<SigningKey> {
  const encoded = await encryption.open(sealedPrivateKey, contextOf(kid));
  return { kid, privateKey: decodePrivateKey(encoded) };
}

/** The same private key, sealed under the key that seals now. */
export async function sealAgain(
  { kid, sealedPrivateKey }: Omit<SealedSigningKey, 'publicJwk'>,
  encryption: KeyEncryption,
): Promise<SealedSecret> {
  return encryption.seal(await encryption.open(sealedPrivateKey, contextOf(kid)), contextOf(kid));
}

/** Binds the ciphertext to its row: the key of one row does not open as that of another. */
function contextOf(kid: string): string {
  return `signing-key:${kid}`;
}
