import {
  RpcError,
  type CallOptions,
  type RpcClient,
  type RpcTransport,
  type ServiceDefinition,
} from '@sallyport/contracts';

type Response<D extends ServiceDefinition, K extends keyof RpcClient<D>> = Awaited<
  ReturnType<RpcClient<D>[K]>
>;

export interface UpstreamCall {
  readonly path: string;
  readonly request: unknown;
  readonly options: CallOptions;
}

type Answer = () => Promise<Uint8Array>;

/** A service behind the gateway that answers what a test tells it to and remembers what it was asked. */
export class FakeUpstream<D extends ServiceDefinition> implements RpcTransport {
  readonly calls: UpstreamCall[] = [];
  readonly #definition: D;
  readonly #answers = new Map<string, Answer>();

  constructor(definition: D) {
    this.#definition = definition;
  }

  answer<K extends keyof RpcClient<D> & string>(name: K, response: Response<D, K>): void {
    const { path, codec } = this.#method(name);
    this.#answers.set(path, async () => codec.responseType.encode(response as never).finish());
  }

  fail(name: keyof RpcClient<D> & string, error: RpcError): void {
    this.#answers.set(this.#method(name).path, () => Promise.reject(error));
  }

  /** Lets a call wait until the promise is settled. */
  delay(name: keyof RpcClient<D> & string, until: Promise<unknown>): void {
    const { path } = this.#method(name);
    const answer = this.#answers.get(path);
    this.#answers.set(path, async () => {
      await until;
      return answer?.() ?? Promise.reject(new RpcError('UNIMPLEMENTED', 'not_told'));
    });
  }

  unary(path: string, message: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const method = Object.values(this.#definition.methods).find(({ name }) =>
      path.endsWith(`/${name}`),
    );
    this.calls.push({ path, request: method?.requestType.decode(message), options });
    const answer = this.#answers.get(path);
    return answer?.() ?? Promise.reject(new RpcError('UNIMPLEMENTED', 'not_told'));
  }

  close(): void {
    this.#answers.clear();
  }

  #method(name: string) {
    const codec = this.#definition.methods[name];
    if (codec === undefined) throw new TypeError(`${this.#definition.fullName} has no ${name}`);
    return { path: `/${this.#definition.fullName}/${codec.name}`, codec };
  }
}
