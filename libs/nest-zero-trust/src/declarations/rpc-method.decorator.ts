import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { PARAM_ARGS_METADATA } from '@nestjs/microservices/constants';
import type { ServiceDefinition, UnaryMethod } from '@sallyport/contracts';

const RPC_PATH = 'sallyport:rpc-path';

/** A method that can handle the rpc: the request first, then whatever parameter decorators supply. */
type Handler<Method> =
  Method extends UnaryMethod<infer Request, infer Response>
    ? (request: Request, ...decorated: never[]) => Response | Promise<Response>
    : never;

/**
 * Binds a controller method to one rpc of a generated definition. A misspelt rpc, a request or a
 * response of another type does not compile. The first parameter is the request, without `@Payload()`.
 */
export function RpcMethod<
  Definition extends ServiceDefinition,
  Name extends keyof Definition['methods'] & string,
>(definition: Definition, name: Name) {
  const path = rpcPath(definition, name);
  return <Method extends Handler<Definition['methods'][Name]>>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const handler = descriptor.value;
    if (handler === undefined) throw new TypeError('an rpc is bound to a method');
    if (!hasDecoratedFirstParameter(target, property)) Payload()(target, property, 0);
    Reflect.defineMetadata(RPC_PATH, path, handler);
    MessagePattern(path, Transport.GRPC)(target, property, descriptor);
  };
}

/** `/package.Service/Method` of a definition's method. */
export function rpcPath(definition: ServiceDefinition, name: string): string {
  const method = definition.methods[name];
  if (!method) throw new TypeError(`${definition.fullName} has no method ${name}`);
  return `/${definition.fullName}/${method.name}`;
}

/** The rpc a handler is bound to, `/package.Service/Method`. */
export function rpcPathOf(handler: object): string | undefined {
  const path: unknown = Reflect.getMetadata(RPC_PATH, handler);
  return typeof path === 'string' ? path : undefined;
}

function hasDecoratedFirstParameter(target: object, property: string | symbol): boolean {
  const parameters: unknown = Reflect.getMetadata(
    PARAM_ARGS_METADATA,
    target.constructor,
    property,
  );
  // Nest keys its parameter metadata `<type>:<index>`.
  return Object.keys(parameters ?? {}).some((key) => key.endsWith(':0'));
}
