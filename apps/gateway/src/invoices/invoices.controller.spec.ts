import { billingV1, RpcError } from '@sallyport/contracts';
import { MFA_ACR } from '@sallyport/principal';
import {
  expectRefusal,
  startTestGateway,
  type TestGateway,
  statusAndCode,
} from '../gateway.fixture';

const invoice: billingV1.Invoice = {
  id: 'b7d0a3d8-94d6-4f0e-9f4c-0f3f0c0c6a01',
  orderId: '0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d',
  status: billingV1.InvoiceStatus.INVOICE_STATUS_PAID,
  total: { amount: 2500, currency: 'EUR' },
  createdAt: new Date('2026-11-24T10:00:00.000Z'),
  refundedAt: undefined,
};
const view = {
  ...invoice,
  status: 'paid',
  createdAt: '2026-11-24T10:00:00.000Z',
  refundedAt: null,
};

let gateway: TestGateway;
let headers: readonly (readonly [string, string])[];
beforeAll(async () => {
  gateway = await startTestGateway();
  headers = [['authorization', `Bearer ${gateway.mint.accessToken()}`]];
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.reset();
});

it('refuses a token without the scope', async () => {
  const token = gateway.mint.accessToken({ payload: { scope: 'orders:read' } });
  const answer = await gateway.send({
    path: '/invoices',
    headers: [['authorization', `Bearer ${token}`]],
  });
  expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
});

it('knows no invoice of another user', async () => {
  gateway.transports.billing.fail('getInvoice', new RpcError('NOT_FOUND', 'invoice_not_found'));
  const answer = await gateway.send({ path: `/invoices/${invoice.id}`, headers });
  expect(statusAndCode(answer)).toEqual([404, 'invoice_not_found']);
});

it.each<[billingV1.InvoiceStatus, string]>([
  [billingV1.InvoiceStatus.INVOICE_STATUS_PAID, 'paid'],
  [billingV1.InvoiceStatus.INVOICE_STATUS_VOIDED, 'voided'],
  [billingV1.InvoiceStatus.INVOICE_STATUS_REFUNDED, 'refunded'],
])('reads an invoice in %s', async (status, expected) => {
  gateway.transports.billing.answer('getInvoice', { invoice: { ...invoice, status } });
  const answer = await gateway.send({ path: `/invoices/${invoice.id}`, headers });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ ...view, status: expected });
});

it('lists invoices', async () => {
  gateway.transports.billing.answer('listInvoices', { invoices: [invoice], nextPageToken: 'n' });
  const answer = await gateway.send({ path: '/invoices?limit=1', headers });
  expect(JSON.parse(answer.body)).toEqual({ items: [view], nextCursor: 'n' });
  expect(gateway.upstreamCalls()).toMatchObject([{ request: { pageSize: 1, pageToken: '' } }]);
});

describe('POST /invoices/{id}/refund', () => {
  const path = `/invoices/${invoice.id}/refund`;
  const strong = { acr: MFA_ACR, amr: ['pwd', 'otp', 'mfa'] };
  const withScope = (scope: string): readonly (readonly [string, string])[] => {
    const token = gateway.mint.accessToken({ payload: { scope, ...strong } });
    return [['authorization', `Bearer ${token}`]];
  };
  const refund = (own = withScope('billing:refund')) =>
    gateway.send({ method: 'POST', path, headers: own });

  it.each<readonly [string, RpcError, number]>([
    ['another user', new RpcError('NOT_FOUND', 'invoice_not_found'), 404],
    [
      'an invoice that was voided',
      new RpcError('FAILED_PRECONDITION', 'invoice_not_refundable'),
      409,
    ],
  ])('refuses %s', async (_, error, status) => {
    gateway.transports.billing.fail('refundInvoice', error);
    expect(statusAndCode(await refund())).toEqual([status, error.reason]);
  });

  it('refuses a token that may read invoices only', async () => {
    const answer = await refund(withScope('billing:read orders:write'));
    expectRefusal(gateway, answer, { status: 403, code: 'insufficient_scope' });
  });

  it.each<readonly [string, object]>([
    ['a password alone', {}],
    ['two factors, six minutes ago', { ...strong, auth_time: Math.floor(Date.now() / 1000) - 360 }],
  ])('refuses who has proven %s', async (_, claims) => {
    const payload = { scope: 'billing:refund', ...claims };
    const token = gateway.mint.accessToken({ payload });
    const answer = await refund([['authorization', `Bearer ${token}`]]);
    const code = 'insufficient_user_authentication';
    expect(statusAndCode(answer)).toEqual([401, code]);
    expect(answer.headers['www-authenticate']).toContain(`acr_values="${MFA_ACR}"`);
    expect(gateway.upstreamCalls()).toEqual([]);
  });

  it('answers with the refunded invoice', async () => {
    const refundedAt = new Date('2026-11-25T10:00:00.000Z');
    const status = billingV1.InvoiceStatus.INVOICE_STATUS_REFUNDED;
    gateway.transports.billing.answer('refundInvoice', {
      invoice: { ...invoice, status, refundedAt },
    });
    const answer = await refund();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({
      ...view,
      status: 'refunded',
      refundedAt: refundedAt.toISOString(),
    });
    expect(gateway.upstreamCalls()).toMatchObject([{ request: { id: invoice.id } }]);
  });
});
