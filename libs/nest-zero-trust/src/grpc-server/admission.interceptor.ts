import {
  ServerInterceptingCall,
  status as grpcStatus,
  type Metadata,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import { runWithCorrelation, type Logger } from '@sallyport/observability';
import { rpcFailureOf } from '../errors/rpc-failure';
import type { Admission, Arrival } from '../inbound/admission';
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
            try {
              const admitted = admission.admit(arrivalOf(path, call, metadata));
              attachInboundCall(metadata, admitted);
              correlationId = admitted.correlationId;
            } catch (error) {
              end(call, error, logger);
              return;
            }
            // Streams start here, unary handlers at the half close.
            runWithCorrelation(correlationId, () => pass(metadata));
          },
          onReceiveHalfClose: (pass) => runWithCorrelation(correlationId, pass),
        }),
    });
  };
}

function end(call: ServerInterceptingCallInterface, error: unknown, logger: Logger): void {
  const { status, reason, detail, isDefect } = rpcFailureOf(error);
  if (isDefect) logger.error({ event: 'defect', error });
  else logger.info({ event: 'rpc_failed', status, reason, detail });
  call.sendStatus({ code: grpcStatus[status], details: reason, metadata: null });
}

function arrivalOf(
  path: string,
  call: ServerInterceptingCallInterface,
  metadata: Metadata,
): Arrival {
  const session = sessionOf(call);
  return {
    transport: 'grpc',
    target: path.slice(1),
    connection: session,
    socket: Reflect.get(session, 'socket'),
    peerAddress: call.getConnectionInfo().remoteAddress,
    headers: presentedHeaders(metadata),
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
