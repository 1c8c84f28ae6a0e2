import type { IncomingHttpHeaders } from 'node:http';
import { newCorrelationId, parseCorrelationId, runWithCorrelation } from '@sallyport/observability';
import { CORRELATION_HEADER } from '../inbound/admission';

/**
 * A Fastify `onRequest` hook for internal listeners: the caller's correlation id, or a new one, for
 * all that a request starts. A public face must not use it: there the id is the gateway's to choose.
 */
export function correlateRequests(
  request: { readonly headers: IncomingHttpHeaders },
  _reply: unknown,
  done: () => void,
): void {
  const presented = request.headers[CORRELATION_HEADER];
  const id = parseCorrelationId(typeof presented === 'string' ? presented : undefined);
  runWithCorrelation(id ?? newCorrelationId(), done);
}
