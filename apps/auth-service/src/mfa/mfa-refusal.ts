import { ServiceError } from '@sallyport/nest-zero-trust';

/** One answer for every challenge and code that is not accepted: wrong, used, expired, or somebody else's. */
export function mfaRefused(): ServiceError {
  return new ServiceError('UNAUTHENTICATED', 'mfa_refused');
}
