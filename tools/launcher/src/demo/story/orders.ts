import { randomUUID } from 'node:crypto';
import type { PublicResponse } from '../../public/public-client';
import { answers, inWords, parseAnswer } from '../answers';
import type { Stage } from '../stage';
import type { Step } from '../step';

const idempotencyKey = randomUUID();

/** Places an order of the signed-in customer. */
export function sendOrder({ client, facts }: Stage, key: string): Promise<PublicResponse> {
  return client.send({
    method: 'POST',
    path: '/orders',
    accessToken: facts.recall('accessToken'),
    headers: [['Idempotency-Key', key]],
    body: { items: [{ sku: facts.recall('sku'), quantity: 2 }] },
  });
}

/** gateway → orders-service → billing-service over mutual TLS, the customer carried by the transaction token. */
export const placeOrder: Step = {
  title: 'an order is placed and charged',
  run: async (stage) => {
    const response = await sendOrder(stage, idempotencyKey);
    const order = parseAnswer(answers.order, response);
    stage.facts.keep('orderId', order.id);
    stage.facts.keep('invoiceId', order.invoiceId ?? '');
    stage.facts.keep('orderTotal', JSON.stringify(order.total));
    const total = inWords(order.total);
    return {
      sent: `POST /orders, 2 × ${stage.facts.recall('sku')}`,
      expected: `201 confirmed, ${total}, with an invoice`,
      got: `${response.status} ${order.status}, ${total}, ${order.invoiceId === null ? 'without' : 'with'} an invoice`,
    };
  },
};

/** A client that lost the answer may ask again. */
export const repeatOrder: Step = {
  title: 'sent again, it is the same order',
  run: async (stage) => {
    const response = await sendOrder(stage, idempotencyKey);
    const { id } = parseAnswer(answers.order, response);
    const isSame = id === stage.facts.recall('orderId');
    return {
      sent: 'POST /orders with the same Idempotency-Key',
      expected: '200, the same order',
      got: `${response.status}, ${isSame ? 'the same' : 'another'} order`,
    };
  },
};
