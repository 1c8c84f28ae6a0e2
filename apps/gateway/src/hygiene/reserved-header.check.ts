import { isReservedHeader } from '@sallyport/principal';
import { isForeignHeader } from './credential-placement.check';
import { isProtectedName } from './header-name.check';
import type { HygieneRefusal, RequestHead } from './hygiene-check';

/**
 * Refuses the names that carry trusted identity inside the cluster, in any spelling, wherever a client can put them:
 * as a header, announced as a trailer, or listed in `Connection`, which would make a proxy remove the injected one.
 */
export function checkReservedHeaders({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (isReservedHeader(name)) return 'identity_header_spoofed';
    if (/^(?:connection|trailer)$/i.test(name) && listsReserved(rawHeaders[index + 1] ?? '')) {
      return 'identity_header_spoofed';
    }
  }
  return undefined;
}

/**
 * What received trailer fields, names and values alternating, are refused for: a reserved name, or one that means
 * something only before the body (RFC 9110 section 6.5.1), a credential of any system included.
 */
export function trailerRefusal(
  rawTrailers: readonly string[],
): 'identity_header_spoofed' | 'trailer_refused' | undefined {
  const names = rawTrailers.filter((_, index) => index % 2 === 0);
  if (names.some(isReservedHeader)) return 'identity_header_spoofed';
  return names.some((name) => isProtectedName(name) || isForeignHeader(name))
    ? 'trailer_refused'
    : undefined;
}

function listsReserved(value: string): boolean {
  return value.split(',').some((name) => isReservedHeader(name.trim()));
}
