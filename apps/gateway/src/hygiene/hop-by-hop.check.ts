import type { HygieneRefusal, RequestHead } from './hygiene-check';

/** What a client has reason to say about its connection (RFC 9110 section 7.6.1). */
const CONNECTION_OPTIONS: ReadonlySet<string> = new Set(['', 'close', 'keep-alive', 'te']);

/** A map and no object, of which a client could name what every object has. */
const CHECK_OF_NAME: ReadonlyMap<string, (value: string) => boolean> = new Map([
  [
    'connection',
    (value: string) =>
      value.split(',').every((option) => CONNECTION_OPTIONS.has(option.trim().toLowerCase())),
  ],
  ['te', (value: string) => /^\s*(?:trailers\s*)?$/i.test(value)],
  ['proxy-connection', () => false],
]);

/** The ways out of HTTP/1.1, which a proxy could take without looking at what follows. */
const UPGRADES: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/**
 * Refuses statements about the connection that a reader in between could act upon: a header named in `Connection` is
 * removed by proxies, be it `Authorization` or `Content-Length`, and an upgrade hides what follows from them. Only the
 * options in use pass. `Keep-Alive` has no effect and may stand.
 */
export function checkHopByHop({ rawHeaders }: RequestHead): HygieneRefusal | undefined {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (UPGRADES.has(name)) return 'upgrade_refused';
    const isFine = CHECK_OF_NAME.get(name)?.(rawHeaders[index + 1] ?? '') ?? true;
    if (!isFine) return 'hop_by_hop_refused';
  }
  return undefined;
}
