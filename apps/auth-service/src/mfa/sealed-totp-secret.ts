import type { KeyEncryption, SealedSecret } from '../signing-keys/key-encryption';
import type { TotpFactor } from './totp-factors.repository';

type Named = Pick<TotpFactor, 'id' | 'accountId'>;

/** Rejects with SealBroken when there is no key at hand. */
export function sealTotpSecret(
  secret: Buffer,
  factor: Named,
  encryption: KeyEncryption,
): Promise<SealedSecret> {
  return encryption.seal(secret, contextOf(factor));
}

/** Rejects with SealBroken when the key it is sealed under is not at hand, or the seal is of another factor or account. */
export function openTotpSecret(
  factor: Named & Pick<TotpFactor, 'sealedSecret'>,
  encryption: KeyEncryption,
): Promise<Buffer> {
  return encryption.open(factor.sealedSecret, contextOf(factor));
}

/** Binds the ciphertext to its row and its owner. */
function contextOf({ id, accountId }: Named): string {
  return `totp:${accountId}:${id}`;
}
