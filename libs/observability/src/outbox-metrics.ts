import { Gauge, type Registry } from 'prom-client';
import { SampledValues } from './sampled-values';

/** How much waits in each queue of a service, by its name. */
export type CountsPending = () => Promise<Readonly<Record<string, number>>>;

/**
 * Shows how much work is written down and not done yet, by queue. While the database does not answer there is no value
 * rather than an old one.
 */
export function registerOutboxMetrics(registry: Registry, countPending: CountsPending): void {
  const values = new SampledValues(countPending);
  new Gauge({
    name: 'sallyport_outbox_pending',
    help: 'Work that is written down and not done yet, by queue.',
    labelNames: ['queue'],
    registers: [registry],
    async collect() {
      const pending = await values.read();
      this.reset();
      for (const [queue, count] of Object.entries(pending ?? {})) this.set({ queue }, count);
    },
  });
}
