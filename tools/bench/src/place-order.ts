import { randomUUID } from 'node:crypto';
import type { GatewayClient, SignedIn } from './gateway-client';

/** Places one order; resolves with the path it is read at. */
export const placeOrder = async (
  client: GatewayClient,
  { accessToken }: SignedIn,
): Promise<string> => {
  const { items } = (await client.get('/products')) as { items: readonly { sku: string }[] };
  const order = { items: items.slice(0, 1).map(({ sku }) => ({ sku, quantity: 1 })) };
  const headers = { 'idempotency-key': randomUUID() };
  const { id } = (await client.post('/orders', accessToken, order, headers)) as { id: string };
  return `/orders/${id}`;
};
