import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';

export interface ServiceBuild {
  readonly service: string;
  /** Of the build; `unknown` when left out. */
  readonly version?: string;
}

/** The metrics of one process: every name starts with `sallyport_`, every sample names the service. */
export function createRegistry({ service, version = 'unknown' }: ServiceBuild): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, prefix: 'sallyport_' });
  new Gauge({
    name: 'sallyport_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  return registry;
}
