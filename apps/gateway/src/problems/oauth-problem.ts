import type { ProblemError } from '@sallyport/nest-zero-trust';
import { problem } from './problem';

/** 400 with the member `error` that OAuth clients look for (RFC 6749 section 5.2), in the document every refusal has. */
export function invalidRequest(): ProblemError {
  return problem('invalid_request', { extensions: { error: 'invalid_request' } });
}
