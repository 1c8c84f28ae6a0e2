import type { RequestHead } from './hygiene-check';

export type SentHeaders = readonly (readonly [name: string, value: string])[];

/** A request head as Node's parser gives it, with a `Host` unless it brings one. */
export function requestHead(
  url: string,
  headers: SentHeaders = [],
  { method = 'GET', httpVersion = '1.1' } = {},
): RequestHead {
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  const all = hasHost ? headers : [['Host', 'localhost'] as const, ...headers];
  return {
    method,
    url,
    httpVersion,
    rawHeaders: all.flat(),
    headers: Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value])),
  };
}
