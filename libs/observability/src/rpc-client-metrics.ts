import { Histogram, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label';
import { DURATION_BUCKETS } from './duration-buckets';

const MOST_TARGETS = 16;
const MOST_METHODS = 256;
const MOST_STATUSES = 32;

/** One time series, bound once. */
interface Series {
  observe(seconds: number): void;
}

/** How calls to other services end, and after how long, as their caller sees it. */
export class RpcClientMetrics {
  readonly #seconds: Histogram<'target' | 'method' | 'status'>;
  readonly #targets = new BoundedLabel(MOST_TARGETS);
  readonly #methods = new BoundedLabel(MOST_METHODS);
  readonly #statuses = new BoundedLabel(MOST_STATUSES);
  readonly #series = new Map<string, Map<string, Map<string, Series>>>();

  constructor(registry: Registry) {
    this.#seconds = new Histogram({
      name: 'sallyport_rpc_client_seconds',
      help: 'How long calls to other services took, by service, method and status.',
      labelNames: ['target', 'method', 'status'],
      buckets: [...DURATION_BUCKETS],
      registers: [registry],
    });
  }

  /**
   * Does a call and counts it: as `OK`, by the gRPC status of its error, or as `FAILED` where the error has none.
   *
   * @param target name of the service that was called
   * @param method `package.Service/Method`, or the purpose of an HTTPS request
   */
  async measure<Answer>(
    target: string,
    method: string,
    call: () => Promise<Answer>,
  ): Promise<Answer> {
    const start = performance.now();
    let status = 'OK';
    try {
      return await call();
    } catch (error) {
      status = statusOf(error);
      throw error;
    } finally {
      this.#record(target, method, status, (performance.now() - start) / 1000);
    }
  }

  #record(target: string, method: string, status: string, seconds: number): void {
    const [known, called, ended] = [
      this.#targets.of(target),
      this.#methods.of(method),
      this.#statuses.of(status),
    ];
    let methods = this.#series.get(known);
    if (methods === undefined)
      this.#series.set(known, (methods = new Map<string, Map<string, Series>>()));
    let statuses = methods.get(called);
    if (statuses === undefined) methods.set(called, (statuses = new Map<string, Series>()));
    let series = statuses.get(ended);
    if (series === undefined) {
      statuses.set(ended, (series = this.#seconds.labels(known, called, ended)));
    }
    series.observe(seconds);
  }
}

function statusOf(error: unknown): string {
  const hasStatus = typeof error === 'object' && error !== null && 'status' in error;
  return hasStatus && typeof error.status === 'string' ? error.status : 'FAILED';
}
