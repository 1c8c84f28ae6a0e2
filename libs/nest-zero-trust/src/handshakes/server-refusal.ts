import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { SvidRejected, type SpiffeId } from '@sallyport/workload-identity';
import { reasonOfHandshakeError, reasonOfVerification } from './handshake-reason';

/** The server a client dials. */
export interface DialledServer {
  /** The one workload that may answer. */
  readonly peer: SpiffeId;
  /** `host:port` */
  readonly address: string;
  /** Where a refused server leaves a trace. */
  readonly events?: SecurityEvents | undefined;
}

/**
 * Leaves one security event for a connection that this client refused in the handshake. A server that
 * cannot be reached, or that ended the connection itself, was not refused and leaves none.
 */
export function recordServerRefusal(failure: unknown, server: DialledServer): void {
  const reason = refusalReason(failure);
  if (reason === undefined) return;
  server.events?.record({
    type: 'transport',
    outcome: 'refused',
    reason,
    correlationId: newCorrelationId(),
    target: `${server.peer.toString()} at ${server.address}`,
  });
}

function refusalReason(failure: unknown): string | undefined {
  if (failure instanceof SvidRejected) return 'tls_server_unexpected';
  const { code, syscall } = failure as Partial<NodeJS.ErrnoException>;
  // Without a system call it is the handshake that failed; a reset there is the server's decision.
  if (typeof code !== 'string' || syscall !== undefined || code === 'ECONNRESET') return undefined;
  return code.startsWith('ERR_') ? reasonOfHandshakeError(code) : reasonOfVerification(code);
}
