import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { principalOf } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { FastifyRequest } from 'fastify';
import { clientAddressOfRequest } from '../listener/client-address';

/** What the gateway itself knows of a request; no header has a say in it but what trusted proxies write. */
export interface RequestContext {
  readonly method: string;
  /** The route template, e.g. `/orders/:id`. */
  readonly route: string;
  readonly correlationId: string;
  readonly clientAddress: string;
  /** The authenticated principal; undefined on public routes. */
  readonly principal: Principal | undefined;
}

export function requestContextOf(request: FastifyRequest): RequestContext {
  return {
    method: request.method,
    route: request.routeOptions.url ?? '',
    correlationId: request.id,
    clientAddress: clientAddressOfRequest(request.raw),
    principal: principalOf(request),
  };
}

/** Supplies the {@link RequestContext} to a handler. */
export const CurrentRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestContext =>
    requestContextOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
