import type { ordersV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { moneySchema, moneyView } from '../upstream/money.view';

const productSchema = z
  .object({ sku: z.string(), name: z.string(), price: moneySchema })
  .meta({ id: 'Product' });

export type ProductView = z.infer<typeof productSchema>;

export class Catalogue extends createZodDto(z.object({ items: z.array(productSchema) })) {}

/** @throws UpstreamResponseInvalid when the price is absent. */
export function productView({ sku, name, price }: ordersV1.Product): ProductView {
  return { sku, name, price: moneyView(price, 'product.price') };
}
