import { ServiceError } from '@sallyport/nest-zero-trust';
import { contextWords } from './context-words';
import { parsePresentedPassword } from './password';
import type { Password } from './password';
import { isPredictable } from './predictable';

/** Whose password it is to be, as far as the policy has to know. */
export interface PasswordOwner {
  /** E-mail address. */
  readonly email: string;
  readonly hasSecondFactor: boolean;
}

/** SP 800-63B-4 section 3.1.1.2: in code points of the NFC form. */
const FEWEST_CHARACTERS = { alone: 15, besideAnotherFactor: 8 } as const;

/** The length that a new password must have at least, by whether it is the account's only factor. */
export function fewestCharacters(hasSecondFactor: boolean): number {
  return FEWEST_CHARACTERS[hasSecondFactor ? 'besideAnotherFactor' : 'alone'];
}

/** Whether a password has the length that a new one would need. */
export function isLongEnough(
  password: Password,
  { hasSecondFactor }: Pick<PasswordOwner, 'hasSecondFactor'>,
): boolean {
  return Array.from(password).length >= fewestCharacters(hasSecondFactor);
}

/**
 * Parses a password that somebody chooses: long enough, and none that is tried first. No composition rules
 * (SP 800-63B-4 section 3.1.1.2). Does not ask whether it is known from a breach: {@link NewPasswords} does.
 *
 * @throws ServiceError INVALID_ARGUMENT `password_too_short`, `password_too_long`, `password_too_common`, `password_too_personal`.
 */
export function parseNewPassword(
  chosen: string,
  { email, hasSecondFactor }: PasswordOwner,
): Password {
  const password = parsePresentedPassword(chosen);
  if (!isLongEnough(password, { hasSecondFactor })) {
    throw new ServiceError('INVALID_ARGUMENT', 'password_too_short');
  }
  if (isPredictable(password)) throw new ServiceError('INVALID_ARGUMENT', 'password_too_common');
  if (isPredictable(password, contextWords(email))) {
    throw new ServiceError('INVALID_ARGUMENT', 'password_too_personal');
  }
  return password;
}
