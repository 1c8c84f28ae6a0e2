import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import {
  newCorrelationId,
  type SecurityEvent,
  type SecurityEvents,
} from '@sallyport/observability';
import { reasonOfHandshakeError, reasonOfVerification } from '../handshakes/handshake-reason';
import { connectionUnder } from './connection-under';

/**
 * Leaves one security event for each connection that a TLS server refuses in the handshake. A
 * connection that ends before its first byte is a probe of the platform, and leaves none.
 */
export function recordHandshakeRefusals(
  server: TlsServer | HttpsServer,
  events: SecurityEvents,
): void {
  // A destroyed socket has forgotten who was at its other end.
  const clients = new WeakMap<Socket, ReturnType<typeof clientOf>>();
  server.on('connection', (socket: Socket) => {
    clients.set(socket, clientOf(socket));
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    // Without it the event lacks address and port, nothing else.
    const connection = connectionUnder(socket);
    const reason = handshakeReason(error, socket);
    if (reason === 'tls_handshake_aborted' && connection?.bytesRead === 0) return;
    recordRefusedConnection(events, reason, connection && clients.get(connection));
  });
}

/** Leaves the security event of a connection on which nothing could be said. */
export function recordRefusedConnection(
  events: SecurityEvents,
  reason: string,
  client: Pick<SecurityEvent, 'clientAddress' | 'clientPort'> | undefined,
): void {
  const correlationId = newCorrelationId();
  events.record({ type: 'transport', outcome: 'refused', reason, correlationId, ...client });
}

/** Who is at the other end of a connection, by address and port. */
export function clientOf({
  remoteAddress,
  remotePort,
}: Socket): Pick<SecurityEvent, 'clientAddress' | 'clientPort'> {
  return { clientAddress: remoteAddress, clientPort: remotePort };
}

/** Node keeps why it refused a certificate beside the error, which then says no more than ECONNRESET. */
function handshakeReason({ code = '' }: NodeJS.ErrnoException, socket: TLSSocket): string {
  const verification: unknown = socket.authorizationError;
  if (typeof verification === 'string') {
    return reasonOfVerification(verification);
  }
  return reasonOfHandshakeError(code);
}
