import type { ServiceError } from '@sallyport/nest-zero-trust';
import { fewestCharacters } from '../passwords/new-password';

/** A refusal as a page shows it. */
export interface ShownRefusal {
  readonly status: number;
  readonly error: string;
  /** The field that has to be filled in anew. */
  readonly field?: 'token' | 'password';
}

const PASSWORD_REFUSALS: Readonly<Record<string, string>> = {
  password_too_short: `The password is too short. It takes at least ${fewestCharacters(false)} characters.`,
  password_too_long: 'The password is too long.',
  password_too_common: 'Too many people use this password, or one like it. Choose another one.',
  password_too_personal:
    'The password is made of your e-mail address or the name of this system. Choose another one.',
  password_compromised: 'Somebody else may know this password. Choose another one.',
  password_breached: 'This password is known from a data breach. Choose another one.',
};

/** By the reason of the refusal, which is one for all that can be wrong with a code. */
const CODE_REFUSALS: Readonly<Record<string, string>> = {
  password_reset_refused:
    'This code does not work: it was used, has run out, or another mail was sent after it. Ask for another one.',
  registration_confirmation_refused:
    'This code does not work: it was used, or has run out. Register again for another one.',
  not_me_refused: 'This code does not work: it was used, has run out, or is not whole.',
};

/** What to tell somebody who asks for a link or uses one; nothing in it depends on whether there is an account. */
export function wordsFor({ status, reason }: ServiceError): ShownRefusal {
  if (status === 'RESOURCE_EXHAUSTED') {
    return { status: 429, error: 'Too many attempts. Wait some minutes, then try again.' };
  }
  if (status === 'UNAVAILABLE') {
    return { status: 503, error: 'This does not work right now. Try again in a moment.' };
  }
  if (reason === 'email_invalid') {
    return { status: 400, error: 'This is not an e-mail address.' };
  }
  const error = PASSWORD_REFUSALS[reason];
  if (error !== undefined) return { status: 400, error, field: 'password' };
  return {
    ...{ status: 400, field: 'token' },
    error: CODE_REFUSALS[reason] ?? 'This code does not work.',
  };
}
