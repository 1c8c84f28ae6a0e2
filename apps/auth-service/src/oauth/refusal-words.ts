import type { ServiceError } from '@sallyport/nest-zero-trust';

/** What is said of what is not accepted: one answer for an unknown account and for a wrong password. */
const REFUSED = {
  password: 'The e-mail address or the password is not right.',
  code: 'The code is not right, or was used before.',
  passkey:
    'The passkey was not accepted, or this page had been open for too long. Try again, or sign in another way.',
  message: 'The code is not right, too old, or not of the last text message.',
} as const;

/** The challenge is met, void or past its end: no further code may be given. */
const CHALLENGE_ENDED = 'There were too many wrong codes, or it took too long. Sign in again.';

/** What was presented in the step after the password. */
export function presentedBy(method: string): keyof typeof REFUSED {
  if (method === 'passkey') return 'passkey';
  return method === 'sms' ? 'message' : 'code';
}

/** What a refused sign-in is told, by what was presented when it could go on with another one. */
export function wordsFor(
  { status, reason, retryAfterSeconds }: ServiceError,
  presented: keyof typeof REFUSED = 'password',
): {
  readonly status: number;
  readonly error: string;
} {
  if (status === 'RESOURCE_EXHAUSTED') {
    return { status: 429, error: `Too many attempts. Try again ${whenWords(retryAfterSeconds)}.` };
  }
  if (reason === 'sms_not_sent' || reason === 'sms_not_offered') {
    return { status: 503, error: 'No text message could be sent. Use another way, or try later.' };
  }
  if (status === 'UNAVAILABLE') {
    return { status: 503, error: 'Signing in does not work right now. Try again in a moment.' };
  }
  if (reason === 'email_invalid') {
    return { status: 400, error: 'This is not an e-mail address.' };
  }
  const hasEnded = reason === 'mfa_refused' && presented === 'password';
  return { status: 401, error: hasEnded ? CHALLENGE_ENDED : REFUSED[presented] };
}

function whenWords(seconds: number | undefined): string {
  if (seconds === undefined) return 'in some minutes';
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `in ${String(count)} ${unit}${count === 1 ? '' : 's'}`;
}
