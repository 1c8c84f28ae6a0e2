import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/**
 * What connections to the Redis of a `rediss://` URL are verified with: the authorities in a PEM file, and none beside
 * them. The file is read anew for each connection, so that authorities can be replaced under a running service; while
 * it cannot be read, what was read last counts. Without a file, undefined: the system's authorities sign for it.
 *
 * @throws the error of the file system when the file cannot be read at first
 */
export function redisTls(caFile: string | undefined): ConnectionOptions | undefined {
  if (caFile === undefined) return undefined;
  let authorities = readFileSync(caFile);
  return {
    minVersion: 'TLSv1.2',
    get ca() {
      try {
        authorities = readFileSync(caFile);
      } catch {
        // Whoever replaces it is not done, or has made a mistake that must not cut what works.
      }
      return authorities;
    },
  };
}
