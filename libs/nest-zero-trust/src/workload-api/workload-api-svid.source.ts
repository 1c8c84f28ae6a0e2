import type { spiffeWorkload } from '@sallyport/contracts';
import type {
  SpiffeId,
  SvidSource,
  WorkloadContext,
  WorkloadContextListener,
} from '@sallyport/workload-identity';
import { SvidUnavailable } from './svid-unavailable.error';
import { workloadContextOf } from './workload-context-of';
import { WorkloadApiClient, type StreamEnd } from './x509-svid-stream';

export interface WorkloadApiSvidSourceOptions {
  /** `unix:///path/of/the.sock` */
  readonly endpoint: string;
  /** The id to use of those that the agent gives. */
  readonly expectedId: SpiffeId;
  /** Told when the stream is lost, an answer is not usable, the identity is withdrawn or expires; by default a process warning. */
  readonly onError?: (error: Error) => void;
  readonly clock?: () => Date;
  /** For how long the first identity is waited for, in milliseconds: an agent learns of a new workload with a delay. */
  readonly openWithinMs?: number;
  /** Between two attempts: the first wait, which doubles, and the longest, in milliseconds. */
  readonly backoffMs?: { readonly first: number; readonly longest: number };
  readonly random?: () => number;
}

const LONGEST_TIMEOUT_MS = 2_147_483_647;

/**
 * The identity that an agent of SPIFFE's Workload API gives, followed as it is renewed.
 *
 * A lost stream is opened again, with growing pauses, and the present identity serves meanwhile. It fails closed: once the
 * identity has expired, or the agent says that there is none any more (Workload API §5.2.1), {@link current} throws until the
 * agent gives one. TLS contexts that are in use already end with their certificate.
 */
export class WorkloadApiSvidSource implements SvidSource {
  readonly #options: Required<WorkloadApiSvidSourceOptions>;
  readonly #client: WorkloadApiClient;
  readonly #listeners = new Set<WorkloadContextListener>();
  #context: WorkloadContext | undefined;
  #unavailable: SvidUnavailable;
  #endStream: () => void = () => undefined;
  #onFirst: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  private constructor(options: WorkloadApiSvidSourceOptions) {
    this.#options = {
      onError: (error) => {
        process.emitWarning(error);
      },
      clock: () => new Date(),
      openWithinMs: 30_000,
      backoffMs: { first: 200, longest: 15_000 },
      random: Math.random,
      ...options,
    };
    this.#unavailable = new SvidUnavailable(options.endpoint, 'the agent has not answered yet');
    this.#client = new WorkloadApiClient(options.endpoint);
  }

  /** @throws SvidUnavailable when no usable identity has come in time */
  static async open(options: WorkloadApiSvidSourceOptions): Promise<WorkloadApiSvidSource> {
    const source = new WorkloadApiSvidSource(options);
    const { openWithinMs } = source.#options;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      source.#onFirst = resolve;
      timer = setTimeout(resolve, openWithinMs);
      source.#connect();
    });
    clearTimeout(timer);
    source.#onFirst = undefined;
    if (source.#context) return source;
    source.close();
    throw source.#unavailable;
  }

  /** @throws SvidUnavailable once the identity has expired or was withdrawn */
  current(): WorkloadContext {
    const context = this.#context;
    if (!context) throw this.#unavailable;
    if (this.#options.clock() > context.svid.notAfter) throw this.#expired(context);
    return context;
  }

  subscribe(listener: WorkloadContextListener): () => void {
    // A wrapper of its own, so that one function subscribed twice is two subscriptions.
    const subscription: WorkloadContextListener = (context) => {
      listener(context);
    };
    this.#listeners.add(subscription);
    return () => void this.#listeners.delete(subscription);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#expiry);
    this.#listeners.clear();
    this.#endStream();
    this.#client.close();
  }

  #connect(): void {
    if (this.#closed) return;
    this.#endStream = this.#client.fetchX509Svids({
      onResponse: (response) => {
        this.#receive(response);
      },
      onEnded: (end) => {
        this.#reconnect(end);
      },
    });
  }

  #receive(response: spiffeWorkload.X509SVIDResponse): void {
    const { expectedId, clock } = this.#options;
    this.#failures = 0;
    const received = workloadContextOf(response, { expectedId, now: clock() });
    switch (received.kind) {
      case 'granted':
        this.#publish(received.context);
        return;
      case 'withdrawn':
        this.#withdraw(received.detail);
        return;
      case 'unusable':
        // As the specification has it (§4.5): told, and otherwise as if it had not come.
        this.#report(received.detail, received.cause);
        return;
    }
  }

  #publish(context: WorkloadContext): void {
    if (this.#context && isSame(this.#context, context)) return;
    this.#context = context;
    clearTimeout(this.#expiry);
    const livesMs = context.svid.notAfter.getTime() - this.#options.clock().getTime();
    this.#expiry = setTimeout(
      () => {
        this.#options.onError(this.#expired(context));
      },
      Math.min(livesMs + 1, LONGEST_TIMEOUT_MS),
    ).unref();
    this.#onFirst?.();
    for (const listener of this.#listeners) {
      try {
        listener(context);
      } catch (error) {
        // One listener's failure must not keep the others on the old identity.
        this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #withdraw(detail: string, cause?: unknown): void {
    this.#context = undefined;
    clearTimeout(this.#expiry);
    this.#report(detail, cause);
  }

  #reconnect({ refused, detail, cause }: StreamEnd): void {
    if (this.#closed) return;
    if (refused) this.#withdraw(detail, cause);
    else this.#report(detail, cause);
    const { backoffMs, random } = this.#options;
    const wait = Math.min(backoffMs.first * 2 ** this.#failures, backoffMs.longest);
    this.#failures += 1;
    // Agents that restart everywhere are not asked by everybody at the same moment.
    this.#retry = setTimeout(
      () => {
        this.#connect();
      },
      wait * (0.5 + random() / 2),
    ).unref();
  }

  #report(detail: string, cause?: unknown): void {
    const error = new SvidUnavailable(this.#options.endpoint, detail, { cause });
    this.#unavailable = error;
    this.#options.onError(error);
  }

  #expired({ svid }: WorkloadContext): SvidUnavailable {
    const when = svid.notAfter.toISOString();
    return new SvidUnavailable(this.#options.endpoint, `the SVID expired at ${when}`);
  }
}

function isSame(one: WorkloadContext, other: WorkloadContext): boolean {
  return (
    one.svid.certificateChainPem === other.svid.certificateChainPem &&
    one.svid.privateKeyPem === other.svid.privateKeyPem &&
    one.bundle.pem === other.bundle.pem
  );
}
