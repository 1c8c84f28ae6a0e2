import {
  ServerInterceptingCall,
  status as grpcStatus,
  type Metadata,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import {
  isTracing,
  runInSpan,
  runWithCorrelation,
  TRACE_PARENT_HEADER,
  type Logger,
  type TraceSpan,
} from '@sallyport/observability';
import { logRpcFailure } from '../errors/log-rpc-failure';
import { correlationOf, type Admission, type Arrival } from '../inbound/admission';
import { attachInboundCall, type PresentedHeaders } from '../inbound/inbound-call';
import { endRpcSpan, startRpcSpan } from '../tracing/rpc-spans';

/**
 * Puts every call of a server, to an unknown method too, through {@link Admission}, and gives what
 * follows its correlation id, and a span in the trace of the caller, who is believed from here on. Has to be the first interceptor: it needs grpc-js's own call.
 */
export function admissionInterceptor(admission: Admission, logger: Logger): ServerInterceptor {
  return ({ path }, call) => {
    let correlationId = '';
    let span: TraceSpan | undefined;
    const endSpan = (code: number): void => {
      if (span !== undefined) endRpcSpan(span, code);
      span = undefined;
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const headers = presentedHeaders(metadata);
            correlationId = correlationOf(headers);
            runWithCorrelation(correlationId, () => {
              try {
                attachInboundCall(metadata, admission.admit(arrivalOf(path, call, headers)));
              } catch (error) {
                const { status, reason } = logRpcFailure(logger, error);
                call.sendStatus({ code: grpcStatus[status], details: reason, metadata: null });
                return;
              }
              if (isTracing()) {
                const traceparent = headers.values(TRACE_PARENT_HEADER);
                span = startRpcSpan({ target: path.slice(1), correlationId, traceparent });
              }
              // Streams start here, unary handlers at the half close.
              if (span === undefined) pass(metadata);
              else runInSpan(span, () => pass(metadata));
            });
          },
          onReceiveHalfClose: (pass) => {
            if (span === undefined) runWithCorrelation(correlationId, pass);
            else runInSpan(span, () => runWithCorrelation(correlationId, pass));
          },
          onCancel: () => endSpan(grpcStatus.CANCELLED),
        }),
      sendStatus: (status, next) => {
        endSpan(status.code);
        next(status);
      },
    });
  };
}

function arrivalOf(
  path: string,
  call: ServerInterceptingCallInterface,
  headers: PresentedHeaders,
): Arrival {
  const session = sessionOf(call);
  return {
    transport: 'grpc',
    target: path.slice(1),
    connection: session,
    socket: Reflect.get(session, 'socket'),
    peerAddress: call.getConnectionInfo().remoteAddress,
    headers,
  };
}

/** The HTTP/2 session of a call. Not public API: a call without one ends as INTERNAL, never unchecked. */
function sessionOf(call: ServerInterceptingCallInterface): object {
  const stream: unknown = Reflect.get(call, 'stream');
  const session: unknown = isObject(stream) ? Reflect.get(stream, 'session') : undefined;
  if (!isObject(session)) throw new TypeError('grpc-js has changed: the call has no session');
  return session;
}

function presentedHeaders(metadata: Metadata): PresentedHeaders {
  return {
    names: Object.keys(metadata.toJSON()),
    values: (name) => metadata.get(name).map(String),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
