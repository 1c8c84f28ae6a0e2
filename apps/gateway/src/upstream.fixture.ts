import {
  RpcError,
  type CallOptions,
  type RpcClient,
  type RpcTransport,
  type ServiceDefinition,
} from '@sallyport/contracts';

/** Both distribute over several definitions. */
type NameOf<D> = D extends ServiceDefinition ? keyof RpcClient<D> & string : never;
type ResponseOf<D, Name> = D extends ServiceDefinition
  ? Name extends keyof RpcClient<D>
    ? Awaited<ReturnType<RpcClient<D>[Name]>>
    : never
  : never;

export interface UpstreamCall {
  readonly path: string;
  readonly request: unknown;
  readonly options: CallOptions;
}

type Codec = ServiceDefinition['methods'][string];
type Answer = () => Promise<Uint8Array>;

/** A server behind the gateway that answers what a test tells it to and remembers what it was asked. */
export class FakeUpstream<D extends ServiceDefinition> implements RpcTransport {
  readonly calls: UpstreamCall[] = [];
  readonly #methods: ReadonlyMap<string, { readonly path: string; readonly codec: Codec }>;
  readonly #answers = new Map<string, Answer>();

  /** @param definitions the services it has; no two of them with an rpc of the same name */
  constructor(...definitions: readonly D[]) {
    this.#methods = new Map(
      definitions.flatMap(({ fullName, methods }) =>
        Object.entries(methods).map(
          ([name, codec]) => [name, { path: `/${fullName}/${codec.name}`, codec }] as const,
        ),
      ),
    );
  }

  answer<Name extends NameOf<D>>(name: Name, response: ResponseOf<D, Name>): void {
    const { path, codec } = this.#method(name);
    this.#answers.set(path, async () => codec.responseType.encode(response as never).finish());
  }

  fail(name: NameOf<D>, error: RpcError): void {
    this.#answers.set(this.#method(name).path, () => Promise.reject(error));
  }

  /** Lets a call wait until the promise is settled. */
  delay(name: NameOf<D>, until: Promise<unknown>): void {
    const { path } = this.#method(name);
    const answer = this.#answers.get(path);
    this.#answers.set(path, async () => {
      await until;
      return answer?.() ?? Promise.reject(new RpcError('UNIMPLEMENTED', 'not_told'));
    });
  }

  unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const method = [...this.#methods.values()].find((each) => each.path === path);
    this.calls.push({ path, request: method?.codec.requestType.decode(message), options });
    const answer = this.#answers.get(path);
    return answer?.() ?? Promise.reject(new RpcError('UNIMPLEMENTED', 'not_told'));
  }

  close(): void {
    this.#answers.clear();
  }

  #method(name: string) {
    const method = this.#methods.get(name);
    if (method === undefined) throw new TypeError(`there is no rpc ${name}`);
    return method;
  }
}
