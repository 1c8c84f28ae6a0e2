import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';

/** Encoder and decoder of one message type, as the generated code provides them. */
export interface MessageCodec<Encoded, Decoded = Encoded> {
  encode(message: Encoded, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): Decoded;
}

/** One unary rpc of a generated service definition. */
export interface UnaryMethod<Request, Response> {
  readonly name: string;
  readonly requestType: MessageCodec<Request>;
  readonly requestStream: false;
  readonly responseType: MessageCodec<Response>;
  readonly responseStream: false;
}

/** A unary rpc whose message types are not known statically. */
export interface ErasedMethod {
  readonly name: string;
  readonly requestType: MessageCodec<never, unknown>;
  readonly requestStream: false;
  readonly responseType: MessageCodec<never, unknown>;
  readonly responseStream: false;
}

/** A generated service definition whose methods are all unary. */
export interface ServiceDefinition {
  readonly name: string;
  readonly fullName: string;
  readonly methods: Readonly<Record<string, ErasedMethod>>;
}

/** The calling side of a definition: one async function a method. */
export type RpcClient<D extends ServiceDefinition> = {
  readonly [K in keyof D['methods']]: D['methods'][K] extends UnaryMethod<
    infer Request,
    infer Response
  >
    ? (request: Request, options: CallOptions) => Promise<Response>
    : never;
};

/** What accompanies one call. */
export interface CallOptions {
  /** Milliseconds from now after which the call fails with DEADLINE_EXCEEDED. */
  readonly timeoutMs: number;
  /** Lower-case ASCII metadata names and their single values. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Carries one encoded unary call to a peer whose identity the transport has verified.
 * Exchangeable without touching a caller. Rejects with {@link RpcError} and nothing else.
 */
export interface RpcTransport {
  /** @param path `/package.Service/Method` */
  unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  close(): void;
}

/** gRPC status names, without OK. */
export const RPC_STATUS = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type RpcStatus = keyof typeof RPC_STATUS;

/** A call that did not succeed: its gRPC status, and the stable reason the callee gave in the status message. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** Seconds after which the callee expects to answer otherwise, where it said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly status: RpcStatus,
    readonly reason: string,
    options: ErrorOptions & { readonly retryAfterSeconds?: number | undefined } = {},
  ) {
    super(`${status}: ${reason}`, options);
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Builds the typed client of a service over a transport. */
export function createRpcClient<D extends ServiceDefinition>(
  definition: D,
  transport: RpcTransport,
): RpcClient<D> {
  const entries = Object.entries(definition.methods).map(([key, method]) => {
    const path = `/${definition.fullName}/${method.name}`;
    const call = async (request: never, options: CallOptions): Promise<unknown> => {
      const message = method.requestType.encode(request).finish();
      return method.responseType.decode(await transport.unary(path, message, options));
    };
    return [key, call] as const;
  });
  // The mapped type is what the entries build; the compiler cannot follow fromEntries.
  return Object.fromEntries(entries) as unknown as RpcClient<D>;
}
