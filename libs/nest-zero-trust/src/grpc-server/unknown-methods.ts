import { status, type Metadata, type Server, type UntypedHandleCall } from '@grpc/grpc-js';
import type { SecurityEvents } from '@sallyport/observability';
import { inboundCallOf } from '../inbound/inbound-call';
import { refuse } from '../inbound/refusal';

interface StreamCall {
  readonly metadata: Metadata;
  emit(event: 'error', error: object): void;
}

interface Handler {
  readonly type: 'bidi';
  readonly path: string;
  readonly func: UntypedHandleCall;
  readonly serialize: (message: Buffer) => Buffer;
  readonly deserialize: (message: Buffer) => Buffer;
}

/**
 * Lets calls to methods the server does not have pass its interceptors before they end as
 * `UNIMPLEMENTED method_unknown`, with one security event; grpc-js 1.14 answers them ahead of every interceptor.
 *
 * @throws Error when this version of grpc-js looks its handlers up in another way
 */
export function interceptUnknownMethods(server: Server, events: SecurityEvents): void {
  const retrieve: unknown = Reflect.get(server, '_retrieveHandler');
  if (typeof retrieve !== 'function') {
    throw new Error('grpc-js has changed: calls to unknown methods would not be intercepted');
  }
  Reflect.set(
    server,
    '_retrieveHandler',
    (path: string) =>
      (Reflect.apply(retrieve, server, [path]) as unknown) ?? unknownMethod(path, events),
  );
}

/** A stream in both directions, because such a handler starts without waiting for a message. */
function unknownMethod(path: string, events: SecurityEvents): Handler {
  return {
    type: 'bidi',
    path,
    func: (call: StreamCall) => {
      const inbound = inboundCallOf(call.metadata);
      const reason = 'method_unknown';
      if (inbound) refuse(events, inbound, { type: 'request', status: 'UNIMPLEMENTED', reason });
      call.emit('error', { code: status.UNIMPLEMENTED, details: reason });
    },
    serialize: (message) => message,
    deserialize: (message) => message,
  };
}
