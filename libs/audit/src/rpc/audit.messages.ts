import type { auditV1 } from '@sallyport/contracts';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEventFilter, StoredSecurityEvent } from '../store/security-event-log';

/**
 * Parses the filter of a request; what is empty on the wire is no filter.
 *
 * @throws ServiceError INVALID_ARGUMENT `filter_invalid` for a text with control characters, which no event has and
 *   PostgreSQL would in part not take, and for a time that is none.
 */
export function parseFilter(request: auditV1.ListSecurityEventsRequest): SecurityEventFilter {
  return {
    type: textOf(request.type),
    outcome: textOf(request.outcome),
    reason: textOf(request.reason),
    principal: textOf(request.principal),
    correlationId: textOf(request.correlationId),
    from: timeOf(request.from),
    to: timeOf(request.to),
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
  if (/\p{Cc}/u.test(wire)) throw filterInvalid();
  return wire === '' ? undefined : wire;
}

function timeOf(wire: Date | undefined): Date | undefined {
  if (wire !== undefined && Number.isNaN(wire.getTime())) throw filterInvalid();
  return wire;
}

function filterInvalid(): ServiceError {
  return new ServiceError('INVALID_ARGUMENT', 'filter_invalid');
}
