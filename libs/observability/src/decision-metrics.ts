import { Counter, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label';

const NAME = 'sallyport_decisions_total';

const MOST_REASONS = 512;

/** Counts what was decided about calls: whether they were let through, at which stage not, and why not. */
export class DecisionMetrics {
  static readonly #instances = new WeakMap<Registry, DecisionMetrics>();

  readonly #counter: Counter<'outcome' | 'reason' | 'kind'>;
  readonly #reasons = new BoundedLabel(MOST_REASONS);
  readonly #allowed: { inc(): void };

  private constructor(registry: Registry) {
    this.#counter = new Counter({
      name: NAME,
      help: 'Decisions about calls by outcome, reason id and kind of decision.',
      labelNames: ['outcome', 'reason', 'kind'],
      registers: [registry],
    });
    this.#allowed = this.#counter.labels('allowed', 'allowed', 'authorization');
  }

  /** The one of a registry: refusals and calls that are let through are recorded in different places. */
  static of(registry: Registry): DecisionMetrics {
    const known = this.#instances.get(registry);
    if (known !== undefined) return known;
    const metrics = new DecisionMetrics(registry);
    this.#instances.set(registry, metrics);
    return metrics;
  }

  /** Every guard has let a call through. */
  allow(): void {
    this.#allowed.inc();
  }

  /** @param kind the type of the security event */
  refuse(kind: string, reason: string): void {
    this.#counter.inc({ outcome: 'refused', reason: this.#reasons.of(reason), kind });
  }
}
