import { sharedCluster } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { expectPassed } from '../src/refusal.expectations';
import { ServiceLog } from '../src/service-log';

needs(...EVIDENCE);

const client = new PublicClient();
const evidence = new Evidence();

it('a cancelled order is voided in a transaction of orders-service, which every service names alike', async () => {
  const customer = await signUp(client);
  const { id } = await placeOrder(client, customer);
  const path = `/orders/${id}/cancel`;
  const { accessToken } = customer;
  const response = await client.send({ method: 'POST', path, accessToken });

  expect(response).toMatchObject({ status: 200, json: { status: 'cancelled' } });
  await expectPassed(response, {
    evidence,
    handled: [
      'POST /orders/:id/cancel',
      'sallyport.orders.v1.OrdersService/CancelOrder',
      'POST /txn-tokens',
      'sallyport.billing.v1.BillingService/VoidOrderCharge',
    ],
  });
  const { handledCalls, securityEvents } = await evidence.of(response);
  const voided = handledCalls.find(({ service }) => service === 'billing-service');
  expect(voided).toMatchObject({ job: 'cancel-order', txn: expect.any(String) as string });
  expect(securityEvents).toMatchObject([
    { service: 'auth-service', outcome: 'succeeded', reason: 'txn_token_issued' },
  ]);
  const lines = new ServiceLog(sharedCluster().logFiles['auth-service']).lines();
  const issued = lines.filter((line) => line['event'] === 'txn_token_issued');
  expect(issued.find((line) => line['txn'] === voided?.txn)).toMatchObject({
    job: 'cancel-order',
    scope: 'charges:void',
  });
});
