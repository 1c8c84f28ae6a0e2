import { z } from 'zod';
import type { PublicClient } from './public-client';

const catalogue = z.object({ items: z.tuple([z.object({ sku: z.string() })]).rest(z.unknown()) });

/** The SKU of a product that can be ordered; asking for it shows that gateway and services answer. */
export async function firstSku(client: PublicClient): Promise<string> {
  const { status, body } = await client.send({ method: 'GET', path: '/products' });
  const parsed = catalogue.safeParse(body);
  if (!parsed.success) throw new Error(`GET /products answered ${status} without a product`);
  return parsed.data.items[0].sku;
}
