import type { HygieneRefusal, RequestHead } from './hygiene-check';

/**
 * Refuses every version but HTTP/1.1. Node's parser reads HTTP/0.9, 1.0 and a textual 2.0 as well; the first two frame
 * messages and keep connections by other rules (RFC 9112 appendix C), which a proxy in front may not share.
 */
export function checkHttpVersion({ httpVersion }: RequestHead): HygieneRefusal | undefined {
  return httpVersion === '1.1' ? undefined : 'http_version_unsupported';
}
