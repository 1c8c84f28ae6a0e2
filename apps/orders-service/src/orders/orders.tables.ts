import type { Generated } from 'kysely';
import type { OrderStatus } from './order';

export interface ProductsTable {
  sku: string;
  name: string;
  amount: number;
  currency: string;
}

export interface OrdersTable {
  id: Generated<string>;
  owner: string;
  idempotency_key: string;
  status: OrderStatus;
  amount: number;
  currency: string;
  invoice_id: string | null;
  created_at: Generated<Date>;
  settle_at: Date;
}

export interface OrderItemsTable {
  order_id: string;
  sku: string;
  position: number;
  quantity: number;
}

export interface OrdersTables {
  products: ProductsTable;
  orders: OrdersTable;
  order_items: OrderItemsTable;
}
