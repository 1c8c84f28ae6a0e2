import type { IncomingMessage } from 'node:http';
import { endHttpSpan, startHttpSpan } from '@sallyport/nest-zero-trust';
import { isTracing, TRACE_PARENT_HEADER, type TraceSpan } from '@sallyport/observability';
import type { FastifyInstance } from 'fastify';

const spans = new WeakMap<IncomingMessage, TraceSpan>();

/**
 * A span for each request that has passed the listener, from its head to the end of its answer. It is the first of a trace
 * of its own: a `traceparent` from outside is linked to and never continued, so that nobody outside chooses what is kept,
 * or under which id (R6). `tracestate` and `baggage` are not looked at.
 */
export function addRequestSpans(instance: FastifyInstance): void {
  instance.addHook('onRequest', (request, _reply, done) => {
    if (isTracing()) {
      const { raw, method, id, is404 } = request;
      const presented = raw.headers[TRACE_PARENT_HEADER];
      const span = startHttpSpan({
        method,
        route: is404 ? undefined : request.routeOptions.url,
        httpVersion: raw.httpVersion,
        correlationId: id,
        ...(presented !== undefined && { linked: [presented].flat() }),
      });
      if (span !== undefined) spans.set(raw, span);
    }
    done();
  });

  instance.addHook('onResponse', (request, reply, done) => {
    const span = spanOf(request.raw);
    if (span !== undefined) endHttpSpan(span, reply.statusCode);
    done();
  });
}

/** The span of a request; undefined when nothing is traced. */
export function spanOf(request: IncomingMessage): TraceSpan | undefined {
  return isTracing() ? spans.get(request) : undefined;
}
