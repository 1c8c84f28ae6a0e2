import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** `uri-host [ ":" port ]` (RFC 9110 section 7.2): a name, an IPv4 address, or an IPv6 address in brackets. */
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])\.?(?::[0-9]{1,5})?$/;

/**
 * Refuses a request without exactly one `Host` that names one host (RFC 9112 section 3.2): two readers could take
 * different ones. Which host it names is not looked at: nothing here is chosen or built by it.
 */
export function checkHost({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  const hosts: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (/^host$/i.test(rawHeaders[index] ?? '')) hosts.push(rawHeaders[index + 1] ?? '');
  }
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return 'host_not_single';
  return host.length <= 255 && HOST.test(host) ? undefined : 'host_malformed';
}
