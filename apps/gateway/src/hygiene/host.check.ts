import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** Refuses a request without exactly one `Host` (RFC 9112 section 3.2): two readers could take different ones. */
export function checkHost({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (/^host$/i.test(rawHeaders[index] ?? '')) hosts += 1;
  }
  return hosts === 1 ? undefined : 'host_not_single';
}
