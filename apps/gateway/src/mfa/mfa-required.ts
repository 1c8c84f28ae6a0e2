import type { authV1 } from '@sallyport/contracts';
import type { ProblemError } from '@sallyport/nest-zero-trust';
import { problem } from '../problems/problem';

/** What is answered to a password that is right and not enough: how to go on stands in the document. */
export function mfaRequired({ mfaToken, methods, expiresIn }: authV1.MfaChallenge): ProblemError {
  return problem('mfa_required', { extensions: { mfaToken, methods, expiresIn } });
}
