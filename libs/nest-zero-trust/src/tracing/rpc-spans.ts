import { RPC_STATUS, RpcError, type RpcStatus } from '@sallyport/contracts';
import {
  ATTR_RPC_METHOD,
  ATTR_RPC_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  errorTypeOf,
  failSpan,
  startCallSpan,
  startRequestSpan,
  type TraceSpan,
} from '@sallyport/observability';
import { ATTR_CORRELATION_ID } from './http-spans';

export interface TracedRpc {
  /** `package.Service/Method`. */
  readonly target: string;
  readonly correlationId: string;
  /** The `traceparent` values of the caller, a verified workload. */
  readonly traceparent: readonly string[];
}

/** Statuses that are the server's own fault; every other one is about the call. */
const SERVER_FAULTS: ReadonlySet<string> = new Set<RpcStatus>([
  ...(['UNKNOWN', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED'] as const),
  ...(['INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'] as const),
]);

const STATUS_NAMES: ReadonlyMap<number, RpcStatus> = new Map(
  Object.entries(RPC_STATUS).map(([name, code]) => [code, name as RpcStatus]),
);

/** Begins the span of a call to this server; undefined when nothing is traced. */
export function startRpcSpan(call: TracedRpc): TraceSpan | undefined {
  const { target, correlationId, traceparent } = call;
  return startRequestSpan({
    name: target,
    attributes: {
      [ATTR_RPC_SYSTEM_NAME]: 'grpc',
      [ATTR_RPC_METHOD]: target,
      [ATTR_CORRELATION_ID]: correlationId,
    },
    believed: traceparent,
  });
}

/** Ends the span of a call to this server. */
export function endRpcSpan(span: TraceSpan, code: number): void {
  const status = STATUS_NAMES.get(code) ?? (code === 0 ? 'OK' : 'UNKNOWN');
  span.setAttribute(ATTR_RPC_STATUS_CODE, status);
  if (SERVER_FAULTS.has(status)) failSpan(span, status);
  span.end();
}

/** Begins a call to another server; undefined unless what asks for it is traced. */
export function startRpcCallSpan(path: string, address: string): TraceSpan | undefined {
  const target = path.slice(1);
  return startCallSpan({
    name: target,
    attributes: {
      [ATTR_RPC_SYSTEM_NAME]: 'grpc',
      [ATTR_RPC_METHOD]: target,
      ...serverAttributes(address),
    },
  });
}

/** Has a call's span end with the call. */
export async function endWithCall<Result>(span: TraceSpan, call: Promise<Result>): Promise<Result> {
  try {
    const result = await call;
    span.setAttribute(ATTR_RPC_STATUS_CODE, 'OK');
    return result;
  } catch (error) {
    if (error instanceof RpcError) {
      span.setAttribute(ATTR_RPC_STATUS_CODE, error.status);
      failSpan(span, error.status);
    } else {
      failSpan(span, errorTypeOf(error));
    }
    throw error;
  } finally {
    span.end();
  }
}

/** `host:port`, or a host alone, as attributes. */
export function serverAttributes(address: string): Record<string, string | number> {
  const [, host = address, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  return {
    [ATTR_SERVER_ADDRESS]: host,
    ...(port !== undefined && { [ATTR_SERVER_PORT]: Number(port) }),
  };
}
