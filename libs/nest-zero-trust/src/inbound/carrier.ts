import type { IncomingMessage } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';

/** A framework's request (Fastify), or Node's own (Express, a bare handler). */
export type HttpRequest = { readonly raw: IncomingMessage } | IncomingMessage;

/** Node's request behind a framework's. */
export function rawRequestOf(request: HttpRequest): IncomingMessage {
  return 'raw' in request ? request.raw : request;
}

/** Node's request in an HTTP handler's context; undefined in any other. */
export function httpRequestOf(context: ArgumentsHost): IncomingMessage | undefined {
  if (context.getType<string>() !== 'http') return undefined;
  return rawRequestOf(context.switchToHttp().getRequest<HttpRequest>());
}

/**
 * The one object that lives exactly as long as a call and is not its sender's to shape: the Metadata
 * of an rpc, the IncomingMessage of an HTTP request. What is decided about a call is kept beside it.
 *
 * @throws TypeError in any other Nest context
 */
export function carrierOf(context: ArgumentsHost): object {
  const request = httpRequestOf(context);
  if (request) return request;
  const type = context.getType<string>();
  if (type === 'rpc') return context.switchToRpc().getContext<object>();
  throw new TypeError(`there is no access control for ${type} handlers`);
}
