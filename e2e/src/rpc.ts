import type { ServiceDefinition, UnaryMethod } from '@sallyport/contracts';

/** A method as it is called: its path, and how its messages are written. */
export interface Rpc<Request, Response> {
  /** `/package.Service/Method` */
  readonly path: string;
  /** As logs name it: `package.Service/Method`. */
  readonly target: string;
  readonly encode: (request: Request) => Uint8Array;
  readonly decode: (message: Uint8Array) => Response;
}

type Methods<D extends ServiceDefinition> = D['methods'];

type RpcOf<Method> =
  Method extends UnaryMethod<infer Request, infer Response> ? Rpc<Request, Response> : never;

/** A method of a generated definition: `rpcOf(ordersV1.OrdersServiceDefinition, 'getOrder')`. */
export function rpcOf<D extends ServiceDefinition, Name extends keyof Methods<D> & string>(
  definition: D,
  name: Name,
): RpcOf<Methods<D>[Name]> {
  const method = definition.methods[name];
  if (method === undefined) throw new TypeError(`${definition.fullName} has no method ${name}`);
  const target = `${definition.fullName}/${method.name}`;
  const rpc: Rpc<never, unknown> = {
    path: `/${target}`,
    target,
    encode: (request) => method.requestType.encode(request).finish(),
    decode: (message) => method.responseType.decode(message),
  };
  return rpc as RpcOf<Methods<D>[Name]>;
}

/** A method that no definition has; its messages are bytes. */
export function unknownRpc(target: string): Rpc<Uint8Array, Uint8Array> {
  const asIs = (bytes: Uint8Array): Uint8Array => bytes;
  return { path: `/${target}`, target, encode: asIs, decode: asIs };
}
