import type { Server } from 'node:https';
import type { SecurityEvents } from '@sallyport/observability';
import {
  mutualTlsServerOptions,
  type MutualTlsServerOptions,
  type SvidSource,
} from '@sallyport/workload-identity';
import { recordHandshakeRefusals } from '../inbound/handshake-refusals';
import { requireGiven } from '../inbound/require-given';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * The `https` options of an internal listener: mutual TLS 1.3 and nothing else (R1).
 *
 * @throws TypeError without a source
 */
export function internalHttpsOptions(
  source: SvidSource,
): MutualTlsServerOptions & { readonly handshakeTimeout: number } {
  requireGiven({ source });
  return { ...mutualTlsServerOptions(source.current()), handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
}

/**
 * Keeps an internal listener on the newest SVID and bundle until it closes, for the connections made
 * after each change, and leaves one security event for each handshake it refuses.
 */
export function keepReloaded(server: Server, source: SvidSource, events: SecurityEvents): void {
  recordHandshakeRefusals(server, events);
  const unsubscribe = source.subscribe((context) =>
    server.setSecureContext(mutualTlsServerOptions(context)),
  );
  server.once('close', unsubscribe);
}
