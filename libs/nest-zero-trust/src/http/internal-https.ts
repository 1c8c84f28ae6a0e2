import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import {
  mutualTlsServerOptions,
  type MutualTlsServerOptions,
  type SvidSource,
} from '@sallyport/workload-identity';
import { greatestConnectionAgeMs } from '../inbound/connection-age';
import { rememberBundles } from '../inbound/handshake-bundles';
import { recordHandshakeRefusals } from '../inbound/handshake-refusals';
import { requireGiven } from '../inbound/require-given';
import type { ServiceTrust } from '../inbound/service-trust';

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
 * after each change, ends connections at their greatest age, each after a response, and leaves one security event for each
 * handshake it refuses.
 */
export function keepReloaded(
  server: Server,
  trust: Pick<ServiceTrust, 'source' | 'events' | 'clock'>,
): void {
  const { source, events } = trust;
  recordHandshakeRefusals(server, events);
  rememberBundles(server, source);
  const unsubscribe = source.subscribe((context) =>
    server.setSecureContext(mutualTlsServerOptions(context)),
  );
  server.once('close', unsubscribe);
  endAtGreatestAge(server, trust);
}

function endAtGreatestAge(server: Server, trust: Pick<ServiceTrust, 'source' | 'clock'>): void {
  const endsAt = new WeakMap<object, number>();
  server.on('secureConnection', (socket) => {
    try {
      endsAt.set(socket, trust.clock().getTime() + greatestConnectionAgeMs(trust));
    } catch {
      // There is no identity at the moment: the connection ends after its first response.
    }
  });
  // Before the handler, which may have answered when it returns.
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (trust.clock().getTime() >= (endsAt.get(socket) ?? 0)) response.shouldKeepAlive = false;
  });
}
