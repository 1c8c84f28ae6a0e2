import type { ServiceError as GrpcError } from '@grpc/grpc-js';
import { RPC_STATUS, RpcError, type RpcStatus } from '@sallyport/contracts';
import { retryAfterOf } from '../errors/retry-after-trailer';

const REASON = /^[a-z0-9_]{1,64}$/;

const STATUS_OF_CODE: ReadonlyMap<number, RpcStatus> = new Map(
  (Object.keys(RPC_STATUS) as RpcStatus[]).map((status) => [RPC_STATUS[status], status]),
);

/**
 * What grpc-js reports of a failed call, as the transport's error. A status message that is no reason
 * id was written by a library for people: it stays in the cause, and the status names the reason.
 */
export function rpcErrorOf(cause: GrpcError): RpcError {
  const status = STATUS_OF_CODE.get(cause.code) ?? 'UNKNOWN';
  const reason = REASON.test(cause.details) ? cause.details : status.toLowerCase();
  return new RpcError(status, reason, { cause, retryAfterSeconds: retryAfterOf(cause.metadata) });
}
