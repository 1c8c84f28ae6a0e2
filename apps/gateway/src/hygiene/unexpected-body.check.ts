import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** Refuses a body where none has a meaning (RFC 9110 section 9.3.1): it is not read, so its trailers would not be either. */
export function checkUnexpectedBody({ method, headers }: RequestHead): HygieneRefusal | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const { 'transfer-encoding': transferEncoding, 'content-length': contentLength } = headers;
  const isEmpty =
    transferEncoding === undefined && (contentLength === undefined || contentLength === '0');
  return isEmpty ? undefined : 'body_not_expected';
}
