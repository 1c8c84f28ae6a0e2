import { ordersV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { moneySchema, moneyView } from '../upstream/money.view';
import { pageSchema } from '../upstream/page';
import { required, UpstreamResponseInvalid } from '../upstream/upstream-response';
import { idSchema, timestampSchema } from '../upstream/wire-formats';

const orderItemSchema = z
  .object({ sku: z.string(), quantity: z.int() })
  .meta({ id: 'OrderItem', examples: [{ sku: 'keep-key', quantity: 2 }] });

const orderSchema = z.object({
  id: idSchema,
  status: z
    .enum(['pending', 'confirmed', 'cancelling', 'cancelled'])
    .describe('`pending` until the charge is confirmed, `cancelling` until it is voided.'),
  items: z.array(orderItemSchema),
  total: moneySchema,
  invoiceId: idSchema.nullable().describe('Set once the order is charged.'),
  createdAt: timestampSchema,
});

export type OrderView = z.infer<typeof orderSchema>;

export class Order extends createZodDto(orderSchema) {}
export class OrderPage extends createZodDto(pageSchema(orderSchema)) {}

const { OrderStatus } = ordersV1;

const STATUS: Readonly<Record<ordersV1.OrderStatus, OrderView['status'] | undefined>> = {
  [OrderStatus.ORDER_STATUS_PENDING]: 'pending',
  [OrderStatus.ORDER_STATUS_CONFIRMED]: 'confirmed',
  [OrderStatus.ORDER_STATUS_CANCELLING]: 'cancelling',
  [OrderStatus.ORDER_STATUS_CANCELLED]: 'cancelled',
  [OrderStatus.ORDER_STATUS_UNSPECIFIED]: undefined,
  [OrderStatus.UNRECOGNIZED]: undefined,
};

/** @throws UpstreamResponseInvalid when a field that every order has is missing. */
export function orderView(order: ordersV1.Order | undefined): OrderView {
  if (order === undefined) throw new UpstreamResponseInvalid('order');
  return {
    id: order.id,
    status: required(STATUS[order.status], 'order.status'),
    items: order.items.map(({ sku, quantity }) => ({ sku, quantity })),
    total: moneyView(order.total, 'order.total'),
    invoiceId: order.invoiceId === '' ? null : order.invoiceId,
    createdAt: required(order.createdAt, 'order.created_at').toISOString(),
  };
}
