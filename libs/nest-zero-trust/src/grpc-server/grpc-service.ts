import type { MethodDefinition, ServiceDefinition as GrpcServiceDefinition } from '@grpc/grpc-js';
import type { ErasedMethod, ServiceDefinition } from '@sallyport/contracts';

/** Stands for a request whose bytes are no message of its type. */
export const MALFORMED = Symbol('malformed');

/** A generated definition as grpc-js takes it: no .proto file is read at run time. Keyed by path. */
export function toGrpcService(definition: ServiceDefinition): GrpcServiceDefinition {
  return Object.fromEntries(
    Object.values(definition.methods).map((method) => {
      const path = `/${definition.fullName}/${method.name}`;
      return [path, toGrpcMethod(path, method)];
    }),
  );
}

function toGrpcMethod(
  path: string,
  { requestType, responseType }: ErasedMethod,
): MethodDefinition<unknown, unknown> {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message) => toBuffer(requestType.encode(message as never).finish()),
    requestDeserialize: (bytes) => {
      try {
        return requestType.decode(bytes);
      } catch {
        // Thrown from here, it would reach the caller as INTERNAL.
        return MALFORMED;
      }
    },
    responseSerialize: (message) => toBuffer(responseType.encode(message as never).finish()),
    responseDeserialize: (bytes) => responseType.decode(bytes),
  };
}

/** The same memory, not a copy. */
export function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
