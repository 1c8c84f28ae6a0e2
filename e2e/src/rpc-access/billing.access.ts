import { randomUUID } from 'node:crypto';
import { billingV1 } from '@sallyport/contracts';
import { gatewayMetadataFor } from '../identity-metadata';
import { transactionTokenFor, workloadTransactionToken } from '../transaction-tokens';
import { byCustomer } from './access';
import type { AccessTable } from './access';

const inTransaction = (): Readonly<Record<string, string>> => ({
  'txn-token': workloadTransactionToken(),
});

export const BILLING_ACCESS: AccessTable<typeof billingV1.BillingServiceDefinition> = {
  chargeOrder: {
    caller: 'orders-service',
    request: ({ order: { total } }) =>
      billingV1.ChargeOrderRequest.encode({ orderId: randomUUID(), total }).finish(),
    metadata: ({ customer }) => ({ 'txn-token': transactionTokenFor(customer) }),
  },
  resolveOrderCharge: {
    caller: 'orders-service',
    request: () => billingV1.ResolveOrderChargeRequest.encode({ orderId: randomUUID() }).finish(),
    metadata: inTransaction,
  },
  voidOrderCharge: {
    caller: 'orders-service',
    request: () => billingV1.VoidOrderChargeRequest.encode({ orderId: randomUUID() }).finish(),
    metadata: inTransaction,
  },
  getInvoice: {
    caller: 'gateway',
    request: ({ order }) =>
      billingV1.GetInvoiceRequest.encode({ id: order.invoiceId ?? '' }).finish(),
    metadata: byCustomer,
  },
  refundInvoice: {
    caller: 'gateway',
    request: () => billingV1.RefundInvoiceRequest.encode({ id: randomUUID() }).finish(),
    metadata: ({ customer }) => gatewayMetadataFor(customer, ['billing:refund']),
    decision: { status: 'NOT_FOUND', reason: 'invoice_not_found' },
  },
  listInvoices: {
    caller: 'gateway',
    request: () => billingV1.ListInvoicesRequest.encode({ pageSize: 1, pageToken: '' }).finish(),
    metadata: byCustomer,
  },
};
