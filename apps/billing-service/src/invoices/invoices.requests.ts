import type { moneyV1 } from '@sallyport/contracts';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { ChargeTerms } from './invoice';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const CURRENCY = /^[A-Z]{3}$/;

/** @throws ServiceError NOT_FOUND `invoice_not_found`: what could not be an id names no invoice. */
export function parseInvoiceId(text: string): string {
  if (!UUID.test(text)) throw new ServiceError('NOT_FOUND', 'invoice_not_found');
  return text;
}

/** @throws ServiceError INVALID_ARGUMENT `order_id_invalid`. */
export function parseOrderId(text: string): string {
  if (!UUID.test(text)) throw new ServiceError('INVALID_ARGUMENT', 'order_id_invalid');
  return text;
}

/** @throws ServiceError INVALID_ARGUMENT `total_invalid` unless it is a positive amount of a currency. */
export function parseTerms(total: moneyV1.Money | undefined): ChargeTerms {
  if (!total || total.amount < 1 || !CURRENCY.test(total.currency)) {
    throw new ServiceError('INVALID_ARGUMENT', 'total_invalid');
  }
  return { amount: total.amount, currency: total.currency };
}
