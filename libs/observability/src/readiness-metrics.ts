import { Gauge, type Registry } from 'prom-client';
import type { Readiness } from './readiness';

/** Shows what a service needs and whether it has it; the questions are asked when the metrics are read. */
export function registerReadinessMetrics(
  registry: Registry,
  assess: () => Promise<Readiness>,
): void {
  new Gauge({
    name: 'sallyport_readiness_check',
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
