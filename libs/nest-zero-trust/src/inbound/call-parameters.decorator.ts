import { isIP } from 'node:net';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ServiceError } from '../errors/service-error';
import { carrierOf, httpRequestOf } from './carrier';
import { inboundCallOf } from './inbound-call';
import {
  attachedPrincipal,
  attachedTransactionToken,
  attachedWorkloadTransaction,
} from './principals';

/** Carries the address of the gateway's client to the first hop. */
export const CLIENT_ADDRESS_HEADER = 'x-client-address';

/** The verified principal of the call. For handlers with `@RequirePrincipal` or `@RequireScopes` only. */
export const CurrentPrincipal = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const principal = attachedPrincipal(carrierOf(context));
  if (principal) return principal;
  throw new TypeError(`${nameOf(context)} takes a principal but does not require one`);
});

/** The verified transaction of the call. For handlers with `@RequireWorkloadTransaction` only. */
export const CurrentWorkloadTransaction = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const transaction = attachedWorkloadTransaction(carrierOf(context));
    if (transaction) return transaction;
    throw new TypeError(`${nameOf(context)} takes a transaction but does not require one`);
  },
);

/** The SPIFFE ID of the calling workload, as its certificate says. For handlers behind mutual TLS. */
export const CallingWorkload = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const call = inboundCallOf(carrierOf(context));
  if (call) return call.peer;
  throw new TypeError(`${nameOf(context)} is not behind mutual TLS`);
});

/**
 * The transaction token as it was presented, to be passed on unmodified; the next hop verifies it.
 * A call without one fails with `UNAUTHENTICATED txn_token_missing`.
 */
export const PresentedTransactionToken = createParamDecorator(
  (_: unknown, context: ExecutionContext) => {
    const token = attachedTransactionToken(carrierOf(context));
    if (token !== undefined) return token;
    throw new ServiceError('UNAUTHENTICATED', 'txn_token_missing', nameOf(context));
  },
);

/**
 * The IP address of the gateway's client as the gateway saw it; undefined when the peer is not the
 * gateway. On a public HTTP face, the address of the connection.
 */
export const ClientAddress = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const call = inboundCallOf(carrierOf(context));
  if (!call) return httpRequestOf(context)?.socket.remoteAddress;
  if (!call.isFromGateway) return undefined;
  const [address, ...more] = call.headers.values(CLIENT_ADDRESS_HEADER);
  return address !== undefined && more.length === 0 && isIP(address) !== 0 ? address : undefined;
});

function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}
