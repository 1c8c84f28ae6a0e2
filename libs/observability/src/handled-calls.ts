import { Counter, Histogram, type Registry } from 'prom-client';
import type { Logger } from './logger';

/** A call whose handler has run, after every guard let it through. */
export interface HandledCall {
  /** The route template or rpc method, never the path a client sent. */
  readonly target: string;
  /** The HTTP status, or the name of the gRPC status. */
  readonly status: string | number;
  readonly durationMs: number;
  readonly correlationId?: string | undefined;
  /** SPIFFE ID of the calling workload. */
  readonly caller?: string | undefined;
  /** Id of the verified principal; of a transaction that a workload has begun, the SPIFFE ID of that. */
  readonly principal?: string | undefined;
  /** Of a transaction that a workload has begun: its id, the same at every hop. */
  readonly txn?: string | undefined;
  /** Of a transaction that a workload has begun: what it runs. */
  readonly job?: string | undefined;
}

/** Takes the calls that reached a handler; a refused call never appears here. */
export interface HandledCalls {
  record(call: HandledCall): void;
}

/** Writes a line `{"event":"handled",…}` for each call and feeds its metrics. */
export class LoggedHandledCalls implements HandledCalls {
  readonly #logger: Logger;
  readonly #calls: Counter<'target' | 'status'>;
  readonly #seconds: Histogram<'target'>;

  constructor({ logger, registry }: { readonly logger: Logger; readonly registry: Registry }) {
    this.#logger = logger;
    this.#calls = new Counter({
      name: 'sallyport_handled_calls_total',
      help: 'Calls whose handler has run, by target and status.',
      labelNames: ['target', 'status'],
      registers: [registry],
    });
    this.#seconds = new Histogram({
      name: 'sallyport_handled_call_duration_seconds',
      help: 'How long calls took whose handler has run, by target.',
      labelNames: ['target'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [registry],
    });
  }

  record(call: HandledCall): void {
    this.#calls.inc({ target: call.target, status: call.status });
    this.#seconds.observe({ target: call.target }, call.durationMs / 1000);
    this.#logger.info({ event: 'handled', ...call });
  }
}
