import type { Registry } from 'prom-client';
import { DecisionMetrics } from './decision-metrics';
import { HandledCallMetrics } from './handled-call-metrics';
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
  /** What the caller is: the name of a service, or what kind of principal. Never who. */
  readonly callerKind?: string | undefined;
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
  readonly #metrics: HandledCallMetrics;
  readonly #decisions: DecisionMetrics;

  constructor({ logger, registry }: { readonly logger: Logger; readonly registry: Registry }) {
    this.#logger = logger;
    this.#metrics = new HandledCallMetrics(registry);
    this.#decisions = DecisionMetrics.of(registry);
  }

  record(call: HandledCall): void {
    const { target, status, callerKind = 'unknown', durationMs } = call;
    this.#metrics.record(target, status, callerKind, durationMs / 1000);
    this.#decisions.allow();
    this.#logger.info({ event: 'handled', ...call });
  }
}
