import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { principalOf } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { FastifyRequest } from 'fastify';
import { clientAddressOf } from '../listener/client-address';

/** What the gateway itself knows of a request; nothing in it was taken from a header. */
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
    clientAddress: clientAddressOf(request.socket),
    principal: principalOf(request),
  };
}

/** Supplies the {@link RequestContext} to a handler. */
export const CurrentRequest = createParamDecorator(
  (_: unknown, context: ExecutionContext): RequestContext =>
    requestContextOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
