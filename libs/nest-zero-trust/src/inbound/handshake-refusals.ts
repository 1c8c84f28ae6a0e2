import type { Server as HttpsServer } from 'node:https';
import { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import {
  newCorrelationId,
  type SecurityEvent,
  type SecurityEvents,
} from '@sallyport/observability';

const REASON_OF_VERIFICATION: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'tls_certificate_expired',
  CERT_NOT_YET_VALID: 'tls_certificate_not_yet_valid',
  CERT_REVOKED: 'tls_certificate_revoked',
  INVALID_PURPOSE: 'tls_certificate_purpose',
};

const REASON_OF_ERROR: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'tls_certificate_missing',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls_not_tls',
  ERR_SSL_HTTP_REQUEST: 'tls_not_tls',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'tls_not_tls',
  ERR_SSL_UNEXPECTED_MESSAGE: 'tls_not_tls',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls_version_refused',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'tls_protocol_refused',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'tls_handshake_timeout',
  ECONNRESET: 'tls_handshake_aborted',
};

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
    const connection = connectionOf(socket);
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
    return REASON_OF_VERIFICATION[verification] ?? 'tls_certificate_untrusted';
  }
  return REASON_OF_ERROR[code] ?? 'tls_handshake_failed';
}

/** The connection under a TLS socket. Not public API: without it an event lacks address and port, nothing else. */
function connectionOf(socket: TLSSocket): Socket | undefined {
  const connection: unknown = Reflect.get(socket, '_parent');
  return connection instanceof Socket ? connection : undefined;
}
