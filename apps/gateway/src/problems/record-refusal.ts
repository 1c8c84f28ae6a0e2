import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';
import type { FastifyRequest } from 'fastify';
import { requestContextOf } from '../upstream/request-context';

/** Records the refusal of a routed request: one event, and nothing of what the client sent. */
export function recordRefusal(
  events: SecurityEvents,
  request: FastifyRequest,
  refusal: Pick<SecurityEvent, 'type' | 'reason' | 'apiKeyId'>,
): void {
  const { method, route, correlationId, clientAddress, principal } = requestContextOf(request);
  events.record({
    ...refusal,
    outcome: 'refused',
    correlationId,
    clientAddress,
    principal: principal?.id,
    // Of a path that is no route only the method is known to be harmless.
    target: `${method} ${route}`.trimEnd(),
  });
}
