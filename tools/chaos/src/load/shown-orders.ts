import type { ShownOrder } from '../history/final-state';
import { isSuccess } from './gateway-client';
import type { Session } from './session';

const PAGE = 100;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
}

interface Order {
  readonly id: string;
  readonly status: string;
}

interface Invoice {
  readonly orderId: string;
  readonly status: string;
}

/** All orders of these customers, as the API shows them to their owner. */
export async function readShownOrders(
  customers: readonly Session[],
): Promise<readonly ShownOrder[]> {
  const shown: ShownOrder[] = [];
  for (const customer of customers) {
    const invoices = await readAll<Invoice>(customer, '/invoices');
    const paid = new Map<string, number>();
    for (const { orderId, status } of invoices) {
      if (status === 'paid') paid.set(orderId, (paid.get(orderId) ?? 0) + 1);
    }
    for (const { id, status } of await readAll<Order>(customer, '/orders')) {
      shown.push({ id, status, owner: customer.userId, paidInvoices: paid.get(id) ?? 0 });
    }
  }
  return shown;
}

async function readAll<Item>(customer: Session, path: string): Promise<readonly Item[]> {
  const all: Item[] = [];
  let cursor: string | null | undefined;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor && { cursor }) });
    const answer = await customer.ask('read back', { path: `${path}?${query.toString()}` });
    if (!isSuccess(answer)) throw new Error(`${path} answered ${answer.status} once all was over`);
    const page = answer.json as unknown as Page<Item>;
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor);
  return all;
}
