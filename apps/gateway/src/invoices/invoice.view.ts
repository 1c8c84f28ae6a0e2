import { billingV1 } from '@sallyport/contracts';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { moneySchema, moneyView } from '../upstream/money.view';
import { pageSchema } from '../upstream/page';
import { required, UpstreamResponseInvalid } from '../upstream/upstream-response';
import { idSchema, timestampSchema } from '../upstream/wire-formats';

const invoiceSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  status: z
    .enum(['paid', 'voided', 'refunded'])
    .describe('`voided` when its order was cancelled before it was refunded.'),
  total: moneySchema,
  createdAt: timestampSchema,
  refundedAt: timestampSchema.nullable().describe('Set when it was refunded.'),
});

export type InvoiceView = z.infer<typeof invoiceSchema>;

export class Invoice extends createZodDto(invoiceSchema) {}
export class InvoicePage extends createZodDto(pageSchema(invoiceSchema)) {}

const { InvoiceStatus } = billingV1;

const STATUS: Readonly<Record<billingV1.InvoiceStatus, InvoiceView['status'] | undefined>> = {
  [InvoiceStatus.INVOICE_STATUS_PAID]: 'paid',
  [InvoiceStatus.INVOICE_STATUS_VOIDED]: 'voided',
  [InvoiceStatus.INVOICE_STATUS_REFUNDED]: 'refunded',
  [InvoiceStatus.INVOICE_STATUS_UNSPECIFIED]: undefined,
  [InvoiceStatus.UNRECOGNIZED]: undefined,
};

/** @throws UpstreamResponseInvalid when a field that every invoice has is missing. */
export function invoiceView(invoice: billingV1.Invoice | undefined): InvoiceView {
  if (invoice === undefined) throw new UpstreamResponseInvalid('invoice');
  return {
    id: invoice.id,
    orderId: invoice.orderId,
    status: required(STATUS[invoice.status], 'invoice.status'),
    total: moneyView(invoice.total, 'invoice.total'),
    createdAt: required(invoice.createdAt, 'invoice.created_at').toISOString(),
    refundedAt: invoice.refundedAt?.toISOString() ?? null,
  };
}
