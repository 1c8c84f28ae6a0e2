import { answers, inWords, parseAnswer } from '../answers';
import type { Step } from '../step';

/** billing-service has the order's charge. */
export const readInvoice: Step = {
  title: 'the order is billed',
  run: async ({ client, facts }) => {
    const accessToken = facts.recall('accessToken');
    const [orderId, invoiceId] = [facts.recall('orderId'), facts.recall('invoiceId')];
    const read = (path: string) => client.send({ method: 'GET', path, accessToken });
    const order = parseAnswer(answers.order, await read(`/orders/${orderId}`));
    const response = await read(`/invoices/${invoiceId}`);
    const invoice = parseAnswer(answers.invoice, response);
    const whose = invoice.orderId === orderId ? 'this order' : 'another order';
    return {
      sent: 'GET /invoices/{id}',
      expected: `200 paid, ${inWords(order.total)}, for this order`,
      got: `${response.status} ${invoice.status}, ${inWords(invoice.total)}, for ${whose}`,
    };
  },
};

/** The lists hold what was done, and once. */
export const listBoth: Step = {
  title: 'one order, one invoice',
  run: async ({ client, facts }) => {
    const accessToken = facts.recall('accessToken');
    const list = (path: string) => client.send({ method: 'GET', path, accessToken });
    const orders = parseAnswer(answers.orders, await list('/orders'));
    const invoices = parseAnswer(answers.invoices, await list('/invoices'));
    return {
      sent: 'GET /orders, GET /invoices',
      expected: '1 order, 1 invoice',
      got: `${orders.items.length} order, ${invoices.items.length} invoice`,
    };
  },
};
