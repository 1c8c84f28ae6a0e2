import { Registry, collectDefaultMetrics } from 'prom-client';

/** The metrics of one process: every name starts with `sallyport_`, every sample names the service. */
export function createRegistry({ service }: { readonly service: string }): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry, prefix: 'sallyport_' });
  return registry;
}
