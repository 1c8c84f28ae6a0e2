import { field, type Field } from '@sallyport/configuration';

/**
 * Comma-separated web origins (RFC 6454 section 6.2), each spelled exactly as a browser sends it: no wildcard, no `null`,
 * no path, no default port; in clear only on this machine.
 */
export function origins(): Field<ReadonlySet<string>> {
  return field<ReadonlySet<string>>({
    expected:
      'comma-separated https:// origins without path or wildcard, such as https://app.example',
    parse: (text) => {
      const listed = text.split(',').map((origin) => origin.trim());
      return listed.every(isExactOrigin) ? new Set(listed) : undefined;
    },
  });
}

function isExactOrigin(text: string): boolean {
  if (!URL.canParse(text) || text.includes('*')) return false;
  const { origin, protocol, hostname } = new URL(text);
  const isLoopback = /^(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])$/.test(hostname);
  return origin === text && (protocol === 'https:' || (protocol === 'http:' && isLoopback));
}
