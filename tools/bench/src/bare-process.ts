import { join } from 'node:path';
import type { Cluster } from '@sallyport/launcher';
import type { BareGatewaySettings } from './bare-gateway';
import { startAndReadLine } from './child-line';
import { get } from './client';

/** Starts the bare server beside the cluster's gateway, with the gateway's own certificates. */
export const startBareGateway = async (
  cluster: Cluster,
): Promise<{ origin: string; stop(): Promise<void> }> => {
  const { gateway, 'orders-service': orders } = cluster.services;
  const settings: BareGatewaySettings = {
    publicTlsFolder: join(cluster.certsFolder, 'public'),
    svidFolder: gateway.svidDirectory,
    ordersAddress: orders.grpcAddress,
    ordersSpiffeId: 'spiffe://sallyport.internal/ns/sallyport/sa/orders-service',
    issuer: cluster.gatewayUrl,
    audience: 'https://api.sallyport.internal',
    jwks: await get<BareGatewaySettings['jwks']>(cluster, '/.well-known/jwks.json'),
  };
  const { child, line: port } = await startAndReadLine('bare-gateway.js', settings);
  return {
    origin: `https://localhost:${port}`,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => {
          resolve();
        });
        child.kill('SIGTERM');
      }),
  };
};
