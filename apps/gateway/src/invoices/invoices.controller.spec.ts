import { billingV1, RpcError } from '@sallyport/contracts';
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
};
const view = { ...invoice, status: 'paid', createdAt: '2026-11-24T10:00:00.000Z' };

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
