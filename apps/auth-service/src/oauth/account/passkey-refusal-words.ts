import type { ServiceError } from '@sallyport/nest-zero-trust';

/** What is said of a change of passkeys that was refused, by its reason. */
const WORDS: Readonly<Record<string, readonly [status: number, error: string]>> = {
  passkey_name_invalid: [400, 'A name has up to 64 characters that can be seen.'],
  too_many_passkeys: [409, 'There are as many passkeys as an account may have: remove one first.'],
  mfa_refused: [
    401,
    'The passkey was not accepted, or this page had been open for too long. Try again.',
  ],
  invalid_credentials: [401, 'Nothing was changed: the password is not right.'],
  password_too_long: [401, 'Nothing was changed: the password is not right.'],
  password_required: [
    409,
    'Nothing was changed: this is your last second factor now. Give your password to remove it.',
  ],
  longer_password_required: [
    409,
    'Nothing was changed: your password is too short to be all that signs you in. Choose a longer one first.',
  ],
  factor_required: [
    409,
    'Nothing was changed: with what you may do here, an account needs a second factor. Add another one first.',
  ],
  factor_not_found: [404, 'Nothing was changed: there is no such passkey any more.'],
};

export function wordsForChange({ status, reason }: ServiceError): {
  readonly status: number;
  readonly error: string;
} {
  if (status === 'RESOURCE_EXHAUSTED') {
    return { status: 429, error: 'Too many attempts. Wait some minutes, then try again.' };
  }
  const [code, error] = WORDS[reason] ?? [
    503,
    'Nothing was changed: this does not work right now. Try again in a moment.',
  ];
  return { status: code, error };
}
