import type { Chapter } from '../step';
import { placeOrder, repeatOrder } from './orders';
import { readInvoice, listBoth } from './invoices';
import { browse, register, signIn } from './sign-in';

/** The way of a request done right: what the attacks that follow are measured against. */
export const STORY: Chapter = {
  title: 'A customer orders, and is charged once',
  steps: [browse, register, signIn, placeOrder, repeatOrder, readInvoice, listBoth],
};
