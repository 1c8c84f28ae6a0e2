import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import { DATABASE } from './orders.ports';
import type { Product } from './order';
import type { OrdersTables, ProductsTable } from './orders.tables';

/** Reads the catalogue. */
@Injectable()
export class ProductsRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<OrdersTables>) {}

  /** The whole catalogue by SKU. */
  async list(): Promise<readonly Product[]> {
    const rows = await this.database.db.selectFrom('products').selectAll().orderBy('sku').execute();
    return rows.map(toProduct);
  }

  /** Those of the named products that exist. */
  async find(skus: readonly string[]): Promise<readonly Product[]> {
    const rows = await this.database.db
      .selectFrom('products')
      .selectAll()
      .where('sku', 'in', skus)
      .execute();
    return rows.map(toProduct);
  }
}

function toProduct({ sku, name, amount, currency }: ProductsTable): Product {
  return { sku, name, price: { amount, currency } };
}
