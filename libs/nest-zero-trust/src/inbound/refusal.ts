import type { RpcStatus } from '@sallyport/contracts';
import type { SecurityEvents, SecurityEventType } from '@sallyport/observability';
import { ServiceError } from '../errors/service-error';
import type { InboundCall } from './inbound-call';

/** Why a call does not reach its handler. */
export interface Refusal {
  readonly type: SecurityEventType;
  readonly status: RpcStatus;
  /** Stable id: the gRPC status message, the problem code, the reason of the security event. */
  readonly reason: string;
  /** For the log only. */
  readonly detail?: string | undefined;
  readonly principal?: string | undefined;
  readonly cause?: unknown;
}

/** What is known of a call at the time of its refusal. */
export type RefusedCall = Pick<InboundCall, 'target' | 'correlationId' | 'peerAddress'> &
  Partial<Pick<InboundCall, 'peer'>>;

/** Leaves exactly one security event, and gives the error to throw. */
export function refuse(events: SecurityEvents, call: RefusedCall, refusal: Refusal): ServiceError {
  const { type, status, reason, detail, principal, cause } = refusal;
  events.record({
    type,
    outcome: 'refused',
    reason,
    correlationId: call.correlationId,
    caller: call.peer?.toString(),
    principal,
    target: call.target,
    clientAddress: call.peerAddress,
  });
  return new ServiceError(status, reason, detail, { cause });
}
