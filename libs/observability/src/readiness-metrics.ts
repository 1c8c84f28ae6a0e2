import { Gauge, type Registry } from 'prom-client';
import type { Readiness } from './readiness';

const NAME = 'sallyport_readiness_check';

/**
 * Shows what a service needs and whether it has it; the questions are asked when the metrics are read. Of several
 * operations listeners of one process, one after the other, the last one asks.
 */
export function registerReadinessMetrics(
  registry: Registry,
  assess: () => Promise<Readiness>,
): void {
  registry.removeSingleMetric(NAME);
  new Gauge({
    name: NAME,
    help: '1 while what a check of readiness is named for can be used, else 0.',
    labelNames: ['check'],
    registers: [registry],
    async collect() {
      const { checks } = await assess();
      for (const [check, state] of Object.entries(checks))
        this.set({ check }, Number(state === 'up'));
    },
  });
}
