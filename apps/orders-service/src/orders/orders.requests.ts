import type { ordersV1 } from '@sallyport/contracts';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { OrderRequest } from './order';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;
const SKU = /^[a-z0-9-]{1,64}$/;
const MOST_ITEMS = 50;
const LARGEST_QUANTITY = 100;

/** @throws ServiceError NOT_FOUND `order_not_found`: what could not be an id names no order. */
export function parseOrderId(text: string): string {
  if (!UUID.test(text)) throw new ServiceError('NOT_FOUND', 'order_not_found');
  return text;
}

/**
 * Checks what can be checked without the catalogue.
 *
 * @throws ServiceError INVALID_ARGUMENT `idempotency_key_invalid`, `items_out_of_range`,
 * `quantity_out_of_range`, `duplicate_product`, or `unknown_product` for what could not be a SKU.
 */
export function parseOrderRequest(wire: ordersV1.CreateOrderRequest): OrderRequest {
  const { idempotencyKey, items } = wire;
  if (!IDEMPOTENCY_KEY.test(idempotencyKey)) throw invalid('idempotency_key_invalid');
  if (items.length < 1 || items.length > MOST_ITEMS) throw invalid('items_out_of_range');
  if (items.some(({ quantity }) => quantity < 1 || quantity > LARGEST_QUANTITY)) {
    throw invalid('quantity_out_of_range');
  }
  if (new Set(items.map(({ sku }) => sku)).size < items.length) throw invalid('duplicate_product');
  if (!items.every(({ sku }) => SKU.test(sku))) throw invalid('unknown_product');
  return { idempotencyKey, items: items.map(({ sku, quantity }) => ({ sku, quantity })) };
}

function invalid(reason: string): ServiceError {
  return new ServiceError('INVALID_ARGUMENT', reason);
}
