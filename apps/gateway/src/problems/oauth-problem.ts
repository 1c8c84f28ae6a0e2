import type { ProblemError, ProblemOptions } from '@sallyport/nest-zero-trust';
import { problem } from './problem';
import type { ProblemCode } from './problem-catalogue';

/** The errors of RFC 6749 section 5.2 that this API answers. */
export type OAuthError = Extract<
  ProblemCode,
  'invalid_client' | 'invalid_request' | 'invalid_scope' | 'unsupported_grant_type'
>;

/** The member `error` that OAuth clients look for (RFC 6749 section 5.2), in the document every refusal has. */
export function oauthProblem(error: OAuthError, options: ProblemOptions = {}): ProblemError {
  return problem(error, { ...options, extensions: { ...options.extensions, error } });
}

export function invalidRequest(): ProblemError {
  return oauthProblem('invalid_request');
}
