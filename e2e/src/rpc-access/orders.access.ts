import { randomUUID } from 'node:crypto';
import { billingV1, ordersV1 } from '@sallyport/contracts';
import { byCustomer } from './access';
import type { AccessTable } from './access';

const BILLING = billingV1.BillingServiceDefinition.fullName;

export const ORDERS_ACCESS: AccessTable<typeof ordersV1.OrdersServiceDefinition> = {
  listProducts: {
    caller: 'gateway',
    request: () => ordersV1.ListProductsRequest.encode({}).finish(),
  },
  createOrder: {
    caller: 'gateway',
    request: ({ order }) => {
      const items = [...order.items];
      return ordersV1.CreateOrderRequest.encode({ idempotencyKey: randomUUID(), items }).finish();
    },
    metadata: byCustomer,
    beyond: [`${BILLING}/ChargeOrder`],
  },
  getOrder: {
    caller: 'gateway',
    request: ({ order: { id } }) => ordersV1.GetOrderRequest.encode({ id }).finish(),
    metadata: byCustomer,
  },
  listOrders: {
    caller: 'gateway',
    request: () => ordersV1.ListOrdersRequest.encode({ pageSize: 1, pageToken: '' }).finish(),
    metadata: byCustomer,
  },
  cancelOrder: {
    caller: 'gateway',
    request: ({ order: { id } }) => ordersV1.CancelOrderRequest.encode({ id }).finish(),
    metadata: byCustomer,
    beyond: ['POST /txn-tokens', `${BILLING}/VoidOrderCharge`],
  },
};
