import type { KeyEncryption, SealedSecret } from '../signing-keys/key-encryption';
import type { PhoneFactor } from './phone-factors.repository';
import type { PhoneNumber } from './phone-number';

type Named = Pick<PhoneFactor, 'id' | 'accountId'>;

/** Rejects with SealBroken when there is no key at hand. */
export function sealPhoneNumber(
  number: PhoneNumber,
  factor: Named,
  encryption: KeyEncryption,
): Promise<SealedSecret> {
  return encryption.seal(Buffer.from(number), contextOf(factor));
}

/** Rejects with SealBroken when the key it is sealed under is not at hand, or the seal is of another factor or account. */
export async function openPhoneNumber(
  factor: Named & Pick<PhoneFactor, 'sealedNumber'>,
  encryption: KeyEncryption,
): Promise<PhoneNumber> {
  const number = await encryption.open(factor.sealedNumber, contextOf(factor));
  // Only parsed numbers are ever sealed.
  return number.toString() as PhoneNumber;
}

/** Binds the ciphertext to its row and its owner. */
function contextOf({ id, accountId }: Named): string {
  return `phone:${accountId}:${id}`;
}
