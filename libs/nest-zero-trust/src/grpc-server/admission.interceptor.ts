import {
  ServerInterceptingCall,
  status as grpcStatus,
  type Metadata,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { runWithCorrelation, type Logger } from '@sallyport/observability';
import { logRpcFailure } from '../errors/log-rpc-failure';
import { correlationOf, type Admission, type Arrival } from '../inbound/admission';
import { attachInboundCall, type PresentedHeaders } from '../inbound/inbound-call';

/**
 * Puts every call of a server, to an unknown method too, through {@link Admission}, and gives what
 * follows its correlation id. Has to be the first interceptor: it needs grpc-js's own call.
 */
export function admissionInterceptor(admission: Admission, logger: Logger): ServerInterceptor {
  return ({ path }, call) => {
    let correlationId = '';
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
              // Streams start here, unary handlers at the half close.
              pass(metadata);
            });
          },
          onReceiveHalfClose: (pass) => runWithCorrelation(correlationId, pass),
        }),
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
