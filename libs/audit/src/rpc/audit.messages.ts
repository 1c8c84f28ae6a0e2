import type { auditV1 } from '@sallyport/contracts';
import type { SecurityEventFilter, StoredSecurityEvent } from '../store/security-event-log';

/** The filter of a request; what is empty on the wire is no filter. */
export function filterOf(request: auditV1.ListSecurityEventsRequest): SecurityEventFilter {
  return {
    type: textOf(request.type),
    outcome: textOf(request.outcome),
    reason: textOf(request.reason),
    principal: textOf(request.principal),
    correlationId: textOf(request.correlationId),
    from: request.from,
    to: request.to,
  };
}

/** An event as it goes over the wire. */
export function messageOf(event: StoredSecurityEvent): auditV1.SecurityEvent {
  return {
    seq: event.seq,
    recordedAt: event.recorded_at,
    type: event.type,
    outcome: event.outcome,
    reason: event.reason,
    correlationId: event.correlation_id ?? '',
    caller: event.caller ?? '',
    principal: event.principal ?? '',
    session: event.session ?? '',
    apiKeyId: event.api_key_id ?? '',
    target: event.target ?? '',
    clientAddress: event.client_address ?? '',
    clientPort: event.client_port ?? 0,
    lostEvents: event.lost_events ?? 0,
    hash: event.hash,
    certificate: event.certificate ?? '',
  };
}

function textOf(wire: string): string | undefined {
  return wire === '' ? undefined : wire;
}
