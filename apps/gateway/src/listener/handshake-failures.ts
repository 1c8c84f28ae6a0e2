import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { SecurityEvents } from '@sallyport/observability';
import { blockOf } from './block-count';
import { clientAddressOf } from './client-address';
import { SparseEvents } from './sparse-events';

/** What of a failed handshake is worth knowing. The others are clients that went away or speak another protocol. */
const REASON_OF: Readonly<Partial<Record<string, string>>> = {
  ERR_SSL_HTTP_REQUEST: 'https_required',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'handshake_timeout',
};

/**
 * Records requests in clear to the TLS port, whose credentials are then known to the network, and handshakes that were
 * not finished in time. Node has closed the connection; at most one event a minute for each address block and reason.
 */
export function recordHandshakeFailures(server: Server, events: SecurityEvents): void {
  const sparse = new SparseEvents(events);
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const reason = REASON_OF[error.code ?? ''];
    if (reason === undefined) return;
    const clientAddress = clientAddressOf(socket);
    sparse.record(`${reason} ${blockOf(clientAddress)}`, {
      type: 'transport',
      outcome: 'refused',
      reason,
      clientAddress,
    });
  });
}
