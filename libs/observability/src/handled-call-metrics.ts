import { Counter, Histogram, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label';
import { DURATION_BUCKETS } from './duration-buckets';

const MOST_TARGETS = 512;
const MOST_CALLERS = 32;

interface TargetSeries {
  readonly seconds: { observe(value: number): void };
  /** By caller, then by status. */
  readonly calls: Map<string, Map<string | number, { inc(): void }>>;
}

/** Rate, failures and duration of calls whose handler has run. The series of a call is looked up, not put together. */
export class HandledCallMetrics {
  readonly #calls: Counter<'target' | 'status' | 'caller'>;
  readonly #seconds: Histogram<'target'>;
  readonly #targets = new BoundedLabel(MOST_TARGETS);
  readonly #callers = new BoundedLabel(MOST_CALLERS);
  readonly #series = new Map<string, TargetSeries>();

  constructor(registry: Registry) {
    this.#calls = new Counter({
      name: 'sallyport_handled_calls_total',
      help: 'Calls whose handler has run, by target, status and kind of caller.',
      labelNames: ['target', 'status', 'caller'],
      registers: [registry],
    });
    this.#seconds = new Histogram({
      name: 'sallyport_handled_call_duration_seconds',
      help: 'How long calls took whose handler has run, by target.',
      labelNames: ['target'],
      buckets: [...DURATION_BUCKETS],
      registers: [registry],
    });
  }

  record(
    presentedTarget: string,
    status: string | number,
    presentedCaller: string,
    seconds: number,
  ): void {
    const target = this.#targets.of(presentedTarget);
    const series = this.#series.get(target) ?? this.#begin(target);
    series.seconds.observe(seconds);
    this.#counterOf(series, target, status, this.#callers.of(presentedCaller)).inc();
  }

  #begin(target: string): TargetSeries {
    const series = { seconds: this.#seconds.labels(target), calls: new Map() };
    this.#series.set(target, series);
    return series;
  }

  #counterOf(
    { calls }: TargetSeries,
    target: string,
    status: string | number,
    caller: string,
  ): { inc(): void } {
    let byStatus = calls.get(caller);
    if (byStatus === undefined)
      calls.set(caller, (byStatus = new Map<string | number, { inc(): void }>()));
    let counter = byStatus.get(status);
    if (counter === undefined) {
      byStatus.set(status, (counter = this.#calls.labels(target, String(status), caller)));
    }
    return counter;
  }
}
