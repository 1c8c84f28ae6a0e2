import { join } from 'node:path';
import type { Cluster } from '@sallyport/launcher';
import { endChild, firstLineOf, startChild } from '../child';
import { GatewayClient } from '../gateway-client';
import type { BareGatewaySettings } from './bare-gateway';

/** Starts the bare server beside the cluster's gateway, with the gateway's own certificates. */
export const startBareGateway = async (
  cluster: Cluster,
): Promise<{ origin: string; stop(): Promise<void> }> => {
  const { gateway, 'orders-service': orders } = cluster.services;
  const client = new GatewayClient(cluster.gatewayUrl, cluster.caFile);
  const jwks = (await client.get('/.well-known/jwks.json')) as BareGatewaySettings['jwks'];
  await client.close();
  const settings: BareGatewaySettings = {
    publicTlsFolder: join(cluster.certsFolder, 'public'),
    svidFolder: gateway.svidDirectory,
    ordersAddress: orders.grpcAddress,
    ordersSpiffeId: 'spiffe://sallyport.internal/ns/sallyport/sa/orders-service',
    issuer: cluster.gatewayUrl,
    audience: 'https://api.sallyport.internal',
    jwks,
  };
  const child = startChild('gateway/bare-gateway.js', settings);
  const port = await firstLineOf(child);
  return { origin: `https://localhost:${port}`, stop: () => endChild(child) };
};
