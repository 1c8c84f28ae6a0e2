import { makeApiKey, sendWithKey } from '../src/api-keys';
import { placeOrder, signUp } from '../src/customers';
import type { PlacedOrder } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';
import { signUpWithApp } from '../src/second-factors';
import type { EnrolledCustomer } from '../src/second-factors';

needs(...EVIDENCE);

const HANDLED = [
  'POST /invoices/:id/refund',
  'sallyport.billing.v1.BillingService/RefundInvoice',
] as const;

const client = new PublicClient();
const evidence = new Evidence();
let owner: EnrolledCustomer;
beforeAll(async () => {
  owner = await signUpWithApp(client);
});

const refundPath = ({ invoiceId }: PlacedOrder) => `/invoices/${invoiceId ?? ''}/refund`;
const asOwner = (method: string, path: string): Promise<PublicResponse> =>
  client.send({ method, path, accessToken: owner.accessToken });
const refund = (order: PlacedOrder) => asOwner('POST', refundPath(order));
const cancel = ({ id }: PlacedOrder) => asOwner('POST', `/orders/${id}/cancel`);
const invoiceOf = async ({ invoiceId }: PlacedOrder): Promise<unknown> =>
  (await asOwner('GET', `/invoices/${invoiceId ?? ''}`)).json;

/** What the audit trail has of the attempts, in whatever sequence they were decided. */
async function recorded(answers: readonly PublicResponse[]): Promise<readonly string[]> {
  const traces = await Promise.all(answers.map((answer) => evidence.of(answer)));
  return traces.flatMap(({ securityEvents }) =>
    securityEvents.filter(({ type }) => type === 'invoice').map(({ reason }) => reason),
  );
}

describe('a refund', () => {
  it('is refused to nobody in particular', async () => {
    const order = await placeOrder(client, owner);
    const answer = await client.send({ method: 'POST', path: refundPath(order) });

    const code = 'credential_missing';
    await expectRefused(answer, { evidence, status: 401, code });
    expect(await invoiceOf(order)).toMatchObject({ status: 'paid', refundedAt: null });
    await expectPassed(await refund(order), { evidence, handled: HANDLED });
  });

  it('is refused to an API key of the owner that may only read', async () => {
    const order = await placeOrder(client, owner);
    const key = await makeApiKey(client, owner, { scopes: ['billing:read', 'orders:write'] });
    const answer = await sendWithKey(client, key, { method: 'POST', path: refundPath(order) });

    const handled = ['sallyport.apikeys.v1.ApiKeyService/ResolveApiKey'];
    await expectRefused(answer, { evidence, status: 403, code: 'insufficient_scope', handled });
    expect(await invoiceOf(order)).toMatchObject({ status: 'paid', refundedAt: null });
    await expectPassed(await refund(order), { evidence, handled: HANDLED });
  });

  it('is refused to an API key of the owner, for which nobody can step up', async () => {
    const order = await placeOrder(client, owner);
    const key = await makeApiKey(client, owner, { scopes: ['billing:refund'] });
    const answer = await sendWithKey(client, key, { method: 'POST', path: refundPath(order) });

    const handled = ['sallyport.apikeys.v1.ApiKeyService/ResolveApiKey'];
    await expectRefused(answer, { evidence, status: 403, code: 'user_not_present', handled });
    expect(await invoiceOf(order)).toMatchObject({ status: 'paid', refundedAt: null });
    await expectPassed(await refund(order), { evidence, handled: HANDLED });
  });

  it('is refused to an owner who has proven a password alone', async () => {
    const weak = await signUp(client);
    const order = await placeOrder(client, weak);
    const { accessToken } = weak;
    const answer = await client.send({ method: 'POST', path: refundPath(order), accessToken });

    const code = 'insufficient_user_authentication';
    expect(answer).toMatchObject({ status: 401, problem: { code } });
    expect(answer.headers['www-authenticate']).toContain('acr_values="urn:sallyport:acr:mfa"');
    const { securityEvents, handledCalls } = await evidence.of(answer);
    expect(securityEvents).toEqual([expect.objectContaining({ reason: code })]);
    expect(handledCalls).toEqual([]);
  });

  it('is refused once the charge was voided', async () => {
    const order = await placeOrder(client, owner);
    await cancel(order);

    const code = 'invoice_not_refundable';
    await expectRefused(await refund(order), { evidence, status: 409, code, handled: HANDLED });
    expect(await invoiceOf(order)).toMatchObject({ status: 'voided', refundedAt: null });
  });

  it('happens once, however often it is asked for at the same moment', async () => {
    const order = await placeOrder(client, owner);

    const answers = await Promise.all(Array.from({ length: 8 }, () => refund(order)));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(await recorded(answers)).toEqual(['invoice_refunded']);
  });

  it('returns the money once when the order is cancelled at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const order = await placeOrder(client, owner);
      const [refunded, cancelled] = await Promise.all([refund(order), cancel(order)]);

      expect(cancelled).toMatchObject({ status: 200, json: { status: 'cancelled' } });
      const won = refunded.status === 200;
      if (won) expect(refunded.json).toEqual(await invoiceOf(order));
      else
        expect(refunded).toMatchObject({
          status: 409,
          problem: { code: 'invoice_not_refundable' },
        });
      expect(await invoiceOf(order)).toMatchObject({ status: won ? 'refunded' : 'voided' });
      expect(await recorded([refunded])).toEqual([
        won ? 'invoice_refunded' : 'invoice_not_refundable',
      ]);
    }
  });
});
