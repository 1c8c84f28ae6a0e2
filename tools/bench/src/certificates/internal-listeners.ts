import type { Cluster } from '@sallyport/launcher';
import type { Listener } from './probe-listener';

/** Every mutual TLS listener inside a cluster. */
export const internalListeners = ({ services, authHttpsUrl }: Cluster): readonly Listener[] => [
  ...(['auth-service', 'orders-service', 'billing-service'] as const).map((service) => ({
    service,
    protocol: 'h2' as const,
    port: portOf(`https://${services[service].grpcAddress}`),
  })),
  { service: 'auth-service', protocol: 'http/1.1', port: portOf(authHttpsUrl) },
];

const portOf = (url: string): number => Number(new URL(url).port);
