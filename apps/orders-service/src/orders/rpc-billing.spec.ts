import { billingV1, RpcError } from '@sallyport/contracts';
import { InMemoryBilling, lostReply, lostRequest, ScriptedTransport } from './billing.fixture';
import type { Order } from './order';
import { RpcBilling } from './rpc-billing';

const { InvoiceStatus } = billingV1;

const order: Order = {
  id: '7d2f1f43-6a57-4d0c-9f3c-0f0a3f0f6a11',
  status: 'pending',
  items: [{ sku: 'gate-bar', quantity: 1 }],
  total: { amount: 7800, currency: 'EUR' },
  invoiceId: undefined,
  createdAt: new Date('2026-11-01T00:00:00Z'),
};

function billingThat(backend = new InMemoryBilling()) {
  const transport = new ScriptedTransport(backend);
  return { backend, transport, billing: new RpcBilling(transport) };
}

/** An invoice whose one property is wrong for the call it answers. */
function invoice(broken: Partial<billingV1.Invoice>): billingV1.Invoice {
  return {
    id: 'f6fd9d0f-7c4e-4b1a-9f5a-55b2f9a6c0de',
    orderId: order.id,
    status: InvoiceStatus.INVOICE_STATUS_PAID,
    total: order.total,
    createdAt: order.createdAt,
    refundedAt: undefined,
    ...broken,
  };
}

describe('RpcBilling', () => {
  test.each([
    ['no invoice', undefined],
    ['an invoice of another order', invoice({ orderId: 'another' })],
    ['a voided invoice', invoice({ status: InvoiceStatus.INVOICE_STATUS_VOIDED })],
    ['an invoice of no state', invoice({ status: InvoiceStatus.INVOICE_STATUS_UNSPECIFIED })],
  ])('takes %s as no answer to a charge', async (_name, answered) => {
    const { backend, billing } = billingThat();
    backend.chargeOrder = async () => ({ invoice: answered as billingV1.Invoice });

    await expect(billing.charge(order, 'token')).rejects.toMatchObject({
      status: 'INTERNAL',
      reason: 'billing_reply_invalid',
    });
  });

  test.each([
    ['an invoice of another order', invoice({ orderId: 'another' })],
    ['an invoice of no state', invoice({ status: InvoiceStatus.INVOICE_STATUS_UNSPECIFIED })],
  ])('takes %s as no answer to a resolution', async (_name, answered) => {
    const { backend, billing } = billingThat();
    backend.resolveOrderCharge = async () => ({ invoice: answered });

    await expect(billing.resolve(order.id, 'token')).rejects.toMatchObject({
      reason: 'billing_reply_invalid',
    });
  });

  test('takes a paid invoice as no answer to a void', async () => {
    const { backend, billing } = billingThat();
    backend.voidOrderCharge = async () => ({ invoice: invoice({}) });

    await expect(billing.void(order.id, 'token')).rejects.toMatchObject({
      reason: 'billing_reply_invalid',
    });
  });

  test.each([
    ['the request is lost', lostRequest, 'UNAVAILABLE'],
    ['the reply is lost', lostReply, 'DEADLINE_EXCEEDED'],
    [
      'the charge is for other terms',
      () => Promise.reject(new RpcError('ABORTED', 'charge_terms_differ')),
      'ABORTED',
    ],
    [
      'the reason is right but the status is not',
      () => Promise.reject(new RpcError('INTERNAL', 'charge_voided')),
      'INTERNAL',
    ],
  ])('does not know the outcome when %s', async (_name, script, status) => {
    const { transport, billing } = billingThat();
    transport.script('chargeOrder', script);

    await expect(billing.charge(order, 'token')).rejects.toMatchObject({
      name: 'RpcError',
      status,
    });
  });

  test('knows that a voided order will not be charged', async () => {
    const { billing } = billingThat();
    await billing.void(order.id, 'token');

    expect(await billing.charge(order, 'token')).toBeUndefined();
    expect(await billing.resolve(order.id, 'token')).toBeUndefined();
  });

  test('takes a refunded invoice for what it is: charged, and returned', async () => {
    const { backend, billing } = billingThat();
    const refunded = invoice({ status: InvoiceStatus.INVOICE_STATUS_REFUNDED });
    backend.chargeOrder = async () => ({ invoice: refunded });
    backend.resolveOrderCharge = async () => ({ invoice: refunded });
    backend.voidOrderCharge = async () => ({ invoice: refunded });

    expect(await billing.charge(order, 'token')).toBe(refunded.id);
    expect(await billing.resolve(order.id, 'token')).toBe(refunded.id);
    expect(await billing.void(order.id, 'token')).toBe(refunded.id);
  });

  test('passes the transaction token of each call on, with a deadline', async () => {
    const { transport, billing } = billingThat();

    const charged = await billing.charge(order, 'of.the.user');
    expect(await billing.resolve(order.id, 'of.this.workload')).toBe(charged);
    expect(await billing.void(order.id, 'of.another.job')).toBe(charged);

    const within = (token: string) => ({ timeoutMs: 2_000, metadata: { 'txn-token': token } });
    expect(transport.calls).toEqual([
      { method: 'chargeOrder', options: within('of.the.user') },
      { method: 'resolveOrderCharge', options: within('of.this.workload') },
      { method: 'voidOrderCharge', options: within('of.another.job') },
    ]);
  });
});
