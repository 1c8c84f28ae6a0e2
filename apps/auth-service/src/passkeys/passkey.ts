import { ServiceError } from '@sallyport/nest-zero-trust';
import { AUTHENTICATOR_NAMES } from './authenticator-names';

/** A passkey as it is stored. */
export interface Passkey {
  readonly id: string;
  readonly accountId: string;
  readonly credentialId: Buffer;
  /** COSE_Key. */
  readonly publicKey: Buffer;
  readonly signCount: number;
  readonly transports: readonly string[];
  readonly aaguid: string;
  readonly backupEligible: boolean;
  readonly backedUp: boolean;
  readonly name: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
  /** When its counter did not grow; it is accepted for nothing since. */
  readonly suspectedCloneAt: Date | undefined;
  /**
   * Whether it is worth something after the password alone: its account was compromised since it was last used like that, and
   * whoever did it may have put it in use.
   */
  readonly needsPassword: boolean;
}

/** An account has no more than this. */
export const MOST_PASSKEYS = 20;

/** Letters, marks, digits, punctuation, symbols and inner spaces: nothing that hides or turns around what is shown. */
const NAME = /^(?! )[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,64}(?<! )$/u;

/** What its owner calls a passkey, in NFC. @throws ServiceError INVALID_ARGUMENT `passkey_name_invalid` */
export function parsePasskeyName(presented: string): string {
  const name = presented.normalize('NFC');
  if (!NAME.test(name)) throw new ServiceError('INVALID_ARGUMENT', 'passkey_name_invalid');
  return name;
}

/** The model of authenticator a passkey says it was made by; undefined for one that is not known. Nothing vouches for it. */
export function authenticatorOf({ aaguid }: Pick<Passkey, 'aaguid'>): string | undefined {
  return AUTHENTICATOR_NAMES.get(aaguid);
}
