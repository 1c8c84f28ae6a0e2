import { ProblemError } from '@sallyport/nest-zero-trust';
import { runWithCorrelation, type SecurityEvents } from '@sallyport/observability';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hasReservedTrailer } from '../hygiene/reserved-header.check';
import { recordRefusal } from '../problems/record-refusal';
import { KnownRoutes } from './known-routes';

/** What happens to every request around its handler. Add before the first route. */
export function addRequestHooks(instance: FastifyInstance, events: SecurityEvents): void {
  const routes = new KnownRoutes(instance);

  instance.addHook('onRequest', (request, reply, done) => {
    reply.header('x-correlation-id', request.id);
    if (!request.is404) return done();
    const methods = routes.methodsAt(pathOf(request));
    if (methods.length === 0) return done(new ProblemError(404, 'not_found'));
    reply.header('allow', methods.join(', '));
    done(new ProblemError(405, 'method_not_allowed'));
  });

  // Trailers are known once the body has been read.
  instance.addHook('preValidation', (request, _reply, done) => {
    if (!hasReservedTrailer(request.raw.rawTrailers)) return done();
    recordRefusal(events, request, { type: 'request', reason: 'identity_header_spoofed' });
    done(new ProblemError(400, 'identity_header_spoofed'));
  });

  // Not earlier: reading a body leaves the asynchronous context.
  instance.addHook('preHandler', (request, _reply, done) => {
    runWithCorrelation(request.id, done);
  });
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? url;
}
