import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { answers, parseAnswer } from '../answers';
import type { Stage } from '../stage';
import type { Chapter, Step } from '../step';
import { sendOrder } from './orders';

/** Until the order has been written and its charge is on its way. */
const CHARGE_UNDER_WAY_MS = 500;
const SETTLED_WITHIN_MS = 30_000;
const POLL_INTERVAL_MS = 200;

const killedMidOrder: Step = {
  title: 'billing-service is killed while it charges an order',
  run: async (stage) => {
    const { cluster, facts } = stage;
    // Stopped, it takes the charge but does not work on it: the kill is sure to come in the middle.
    const { pid } = cluster.services['billing-service'];
    if (pid === undefined) throw new Error('billing-service is down already');
    process.kill(pid, 'SIGSTOP');
    const answer = sendOrder(stage, randomUUID());
    await delay(CHARGE_UNDER_WAY_MS);
    await cluster.kill('billing-service');
    const response = await answer;
    const order = parseAnswer(answers.order, response);
    facts.keep('orderId', order.id);
    return {
      sent: 'POST /orders, then SIGKILL to billing-service',
      expected: '201 pending: accepted, not charged',
      got: `${response.status} ${order.status}: accepted, ${order.invoiceId === null ? 'not charged' : 'charged'}`,
    };
  },
};

const settledAfterwards: Step = {
  title: 'once it is back, the order is settled by itself',
  run: async (stage) => {
    await stage.cluster.restart('billing-service');
    const status = await settledStatus(stage);
    const { client, facts } = stage;
    const accessToken = facts.recall('accessToken');
    const listed = await client.send({ method: 'GET', path: '/invoices', accessToken });
    const charges = parseAnswer(answers.invoices, listed).items.filter(
      ({ orderId }) => orderId === facts.recall('orderId'),
    );
    const expected =
      status === 'confirmed' ? 'confirmed, charged 1 times' : 'cancelled, charged 0 times';
    return {
      sent: 'GET /orders/{id} until it is no longer pending',
      expected,
      got: `${status}, charged ${charges.length} times`,
    };
  },
};

/** R15: no accepted order is lost, none is charged twice. */
export const OUTAGE: Chapter = {
  title: 'An outage in the middle of an order',
  steps: [killedMidOrder, settledAfterwards],
};

async function settledStatus({ client, facts }: Stage): Promise<string> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const response = await client.send({
      method: 'GET',
      path: `/orders/${facts.recall('orderId')}`,
      accessToken: facts.recall('accessToken'),
    });
    const { status } = parseAnswer(answers.order, response);
    if (status !== 'pending' || performance.now() > deadline) return status;
    await delay(POLL_INTERVAL_MS);
  }
}
