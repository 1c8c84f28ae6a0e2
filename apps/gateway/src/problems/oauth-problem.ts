import { ProblemError } from '@sallyport/nest-zero-trust';

/** 400 with the member `error` that OAuth clients look for (RFC 6749 section 5.2), in the document every refusal has. */
export function invalidRequest(): ProblemError {
  return new ProblemError(400, 'invalid_request', { extensions: { error: 'invalid_request' } });
}
