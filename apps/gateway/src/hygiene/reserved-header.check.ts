import { isReservedHeader } from '@sallyport/principal';
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

/** Whether received trailer fields, names and values alternating, hold a reserved name. */
export function hasReservedTrailer(rawTrailers: readonly string[]): boolean {
  return rawTrailers.some((entry, index) => index % 2 === 0 && isReservedHeader(entry));
}

function listsReserved(value: string): boolean {
  return value.split(',').some((name) => isReservedHeader(name.trim()));
}
