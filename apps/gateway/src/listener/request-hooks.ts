import type { ProblemError } from '@sallyport/nest-zero-trust';
import { runInSpan, runWithCorrelation, type SecurityEvents } from '@sallyport/observability';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { trailerRefusal } from '../hygiene/reserved-header.check';
import { problem } from '../problems/problem';
import { recordRefusal } from '../problems/record-refusal';
import { KnownRoutes } from './known-routes';
import { addRequestSpans, spanOf } from './request-spans';

/** What happens to every request around its handler. Add before the first route. */
export function addRequestHooks(instance: FastifyInstance, events: SecurityEvents): void {
  const routes = new KnownRoutes(instance);
  // First: what the hooks after it refuse is part of the trace.
  addRequestSpans(instance);

  instance.addHook('onRequest', (request, reply, done) => {
    reply.header('x-correlation-id', request.id);
    done(request.is404 ? unroutable(routes, events, request, reply) : undefined);
  });

  // Trailers are known once the body has been read.
  instance.addHook('preValidation', (request, reply, done) => {
    const reason = trailerRefusal(request.raw.rawTrailers);
    if (reason === undefined) {
      done();
      return;
    }
    reply.raw.shouldKeepAlive = false;
    recordRefusal(events, request, { type: 'request', reason });
    done(problem(reason));
  });

  // Not earlier: reading a body leaves the asynchronous context.
  instance.addHook('preHandler', (request, _reply, done) => {
    const span = spanOf(request.raw);
    if (span === undefined) runWithCorrelation(request.id, done);
    else runInSpan(span, () => runWithCorrelation(request.id, done));
  });
}

function unroutable(
  routes: KnownRoutes,
  events: SecurityEvents,
  request: FastifyRequest,
  reply: FastifyReply,
): ProblemError {
  const methods = routes.methodsAt(request.url.split('?', 1)[0] ?? '');
  if (methods.length > 0) reply.header('allow', methods.join(', '));
  const code = methods.length > 0 ? 'method_not_allowed' : 'not_found';
  // Neither the path nor the method names anything that is known: whoever asks is looking around.
  recordRefusal(events, request, { type: 'request', reason: code });
  return problem(code);
}
