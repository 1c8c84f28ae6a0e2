import { status, type Server, type UntypedHandleCall } from '@grpc/grpc-js';

interface Handler {
  readonly type: 'bidi';
  readonly path: string;
  readonly func: UntypedHandleCall;
  readonly serialize: (message: Buffer) => Buffer;
  readonly deserialize: (message: Buffer) => Buffer;
}

/**
 * Lets calls to methods the server does not have pass its interceptors before they end as
 * `UNIMPLEMENTED method_unknown`; grpc-js 1.14 answers them ahead of every interceptor.
 *
 * @throws Error when this version of grpc-js looks its handlers up in another way
 */
export function interceptUnknownMethods(server: Server): void {
  const retrieve: unknown = Reflect.get(server, '_retrieveHandler');
  if (typeof retrieve !== 'function') {
    throw new Error('grpc-js has changed: calls to unknown methods would not be intercepted');
  }
  Reflect.set(
    server,
    '_retrieveHandler',
    (path: string) => (Reflect.apply(retrieve, server, [path]) as unknown) ?? unknownMethod(path),
  );
}

/** A stream in both directions, because such a handler starts without waiting for a message. */
function unknownMethod(path: string): Handler {
  return {
    type: 'bidi',
    path,
    func: (call: { emit(event: 'error', error: object): void }) => {
      call.emit('error', { code: status.UNIMPLEMENTED, details: 'method_unknown' });
    },
    serialize: (message) => message,
    deserialize: (message) => message,
  };
}
