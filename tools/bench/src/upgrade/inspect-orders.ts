import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase } from '@sallyport/persistence';
import { sql } from 'kysely';

/** How the acknowledged orders stand in the databases. */
export interface Inspection {
  readonly lost: number;
  readonly confirmed: number;
  /** Cancelled because the charge was not confirmed in time; the customer was charged nothing. */
  readonly cancelled: number;
  readonly unsettled: number;
  /** Confirmed, and not charged exactly once, or charged otherwise. */
  readonly wronglyCharged: number;
}

const SETTLED_WITHIN_MS = 60_000;

/** Waits until nothing is unsettled any more, then compares both databases. */
export async function inspectOrders(
  ids: readonly string[],
  urls: { readonly orders: string; readonly billing: string },
): Promise<Inspection> {
  const open = (url: string) =>
    createDatabase<unknown>({ url, applicationName: 'upgrade-test', poolSize: 1 });
  const [orders, billing] = [open(urls.orders), open(urls.billing)];
  try {
    const statuses = async () => {
      const { rows } = await sql<{ id: string; status: string; invoice_id: string | null }>`
        SELECT id, status, invoice_id FROM orders WHERE id = ANY(${ids})`.execute(orders.db);
      return rows;
    };
    let rows = await statuses();
    for (let waited = 0; waited < SETTLED_WITHIN_MS && rows.some(isUnsettled); waited += 500) {
      await delay(500);
      rows = await statuses();
    }
    const charges = await sql<{ order_id: string; state: string; invoice_id: string | null }>`
      SELECT order_id, state, invoice_id FROM charges WHERE order_id = ANY(${ids})`.execute(
      billing.db,
    );
    const byOrder = new Map(charges.rows.map((charge) => [charge.order_id, charge]));
    const isWrong = ({ id, status, invoice_id }: (typeof rows)[number]): boolean => {
      const charge = byOrder.get(id);
      if (status === 'confirmed')
        return charge?.state !== 'charged' || charge.invoice_id !== invoice_id;
      return status === 'cancelled' && charge?.state === 'charged';
    };
    const having = (status: string) => rows.filter((row) => row.status === status).length;
    return {
      lost: ids.length - rows.length,
      confirmed: having('confirmed'),
      cancelled: having('cancelled'),
      unsettled: rows.filter(isUnsettled).length,
      wronglyCharged: rows.filter(isWrong).length,
    };
  } finally {
    await Promise.all([orders.close(), billing.close()]);
  }
}

function isUnsettled({ status }: { readonly status: string }): boolean {
  return status === 'pending' || status === 'cancelling';
}
