import { Metadata, type Client } from '@grpc/grpc-js';
import { RpcError, type CallOptions, type RpcTransport } from '@sallyport/contracts';
import {
  correlationId,
  TRACE_PARENT_HEADER,
  traceparentFor,
  type SecurityEvents,
  type TraceSpan,
} from '@sallyport/observability';
import type { SpiffeId, SvidSource } from '@sallyport/workload-identity';
import { toBuffer } from '../grpc-server/grpc-service';
import { CORRELATION_HEADER } from '../inbound/admission';
import { requireGiven } from '../inbound/require-given';
import { endWithCall, startRpcCallSpan } from '../tracing/rpc-spans';
import { Rotated } from './rotated';
import { rpcErrorOf } from './rpc-error-of';
import { verifiedChannel } from './verified-channel';

export interface GrpcTransportOptions {
  /** `host:port` */
  readonly address: string;
  readonly source: SvidSource;
  /** The one workload that may answer there; host names prove nothing. */
  readonly peer: SpiffeId;
  /** Where a server that is somebody else leaves a trace. */
  readonly events?: SecurityEvents;
  /** Of one message; 1 MiB when left out. */
  readonly maxMessageBytes?: number;
}

const MESSAGE_BYTES = 1_048_576;

/**
 * Unary calls to one peer over gRPC on mutual TLS.
 *
 * Connects at the first call. While it is connecting, calls wait until their deadline; once the peer
 * has proved unreachable they fail at once with UNAVAILABLE, until a later attempt in the background
 * succeeds. A call that may have reached a handler is never repeated. A renewed SVID or bundle serves
 * the calls begun after it; calls in flight end on the connection they began on.
 */
export class GrpcTransport implements RpcTransport {
  readonly #channels: Rotated<Client>;
  readonly #address: string;

  /** @throws TypeError without a source or a peer: there is no plaintext fallback */
  constructor(options: GrpcTransportOptions) {
    const { source, peer } = options;
    requireGiven({ source, peer });
    this.#address = options.address;
    const target = { maxMessageBytes: MESSAGE_BYTES, ...options };
    this.#channels = new Rotated(
      source,
      (context) => verifiedChannel(context, target),
      (channel) => channel.close(),
    );
  }

  /** @throws RpcError and nothing else */
  unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const span = startRpcCallSpan(path, this.#address);
    const call = this.#call(path, message, options, span);
    return span === undefined ? call : endWithCall(span, call);
  }

  async #call(
    path: string,
    message: Uint8Array,
    options: CallOptions,
    span: TraceSpan | undefined,
  ): Promise<Uint8Array> {
    const metadata = metadataOf(options, span);
    const deadline = deadlineOf(options);
    const request = toBuffer(message);
    return this.#channels.use(
      (channel) =>
        new Promise((resolve, reject) => {
          channel.makeUnaryRequest(
            path,
            identity,
            identity,
            request,
            metadata,
            { deadline },
            (error, response) => {
              if (error) reject(rpcErrorOf(error));
              else if (response) resolve(response);
              else reject(new RpcError('INTERNAL', 'response_missing'));
            },
          );
        }),
      () => new RpcError('UNAVAILABLE', 'transport_closed'),
    );
  }

  /** Calls in flight end by themselves; new ones fail. */
  close(): void {
    this.#channels.close();
  }
}

function metadataOf({ metadata = {} }: CallOptions, span: TraceSpan | undefined): Metadata {
  const result = new Metadata();
  const correlation = correlationId();
  const traceparent = traceparentFor(span);
  try {
    if (correlation !== undefined) result.set(CORRELATION_HEADER, correlation);
    for (const [name, value] of Object.entries(metadata)) result.set(name, value);
    // Last: what a trace is called is for nobody else to say.
    if (traceparent !== undefined) result.set(TRACE_PARENT_HEADER, traceparent);
    return result;
  } catch (cause) {
    throw new RpcError('INTERNAL', 'metadata_invalid', { cause });
  }
}

function deadlineOf({ timeoutMs }: CallOptions): number {
  if (Number.isFinite(timeoutMs) && timeoutMs > 0) return Date.now() + timeoutMs;
  throw new RpcError('INTERNAL', 'deadline_missing');
}

function identity(message: Buffer): Buffer {
  return message;
}
