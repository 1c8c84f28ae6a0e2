import type { HygieneRefusal, RequestHead } from './hygiene-check';

/**
 * Refuses a body whose end two readers could see in different places (RFC 9112 sections 6.1 and 11.2). Node's parser
 * refuses a length beside a transfer coding, repeated and signed lengths; it lets a list of codings, an empty one and a
 * length with leading zeros through.
 */
export function checkFraming({ headers }: RequestHead): HygieneRefusal | undefined {
  const { 'transfer-encoding': coding, 'content-length': length } = headers;
  const isPlain =
    (coding === undefined || coding.toLowerCase() === 'chunked') &&
    (length === undefined || (coding === undefined && /^(?:0|[1-9][0-9]*)$/.test(length)));
  return isPlain ? undefined : 'framing_ambiguous';
}
