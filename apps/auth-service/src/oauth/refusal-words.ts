import type { ServiceError } from '@sallyport/nest-zero-trust';

/** What a refused sign-in is told: one answer for an unknown account and for a wrong password. */
export function wordsFor({ status, reason }: ServiceError): {
  readonly status: number;
  readonly error: string;
} {
  if (status === 'RESOURCE_EXHAUSTED') {
    return { status: 429, error: 'Too many attempts. Wait some minutes, then try again.' };
  }
  if (status === 'UNAVAILABLE') {
    return { status: 503, error: 'Signing in does not work right now. Try again in a moment.' };
  }
  if (reason === 'email_invalid') {
    return { status: 400, error: 'This is not an e-mail address.' };
  }
  return { status: 401, error: 'The e-mail address or the password is not right.' };
}
