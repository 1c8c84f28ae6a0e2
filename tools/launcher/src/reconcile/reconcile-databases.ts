import { createDatabase } from '@sallyport/persistence';
import { differenceOf, type ChargeRow, type Difference, type OrderRow } from './differences';

/** The connections of a database. */
type Pool = ReturnType<typeof createDatabase>['pool'];

const PAGE = 5_000;
const FIRST = '00000000-0000-0000-0000-000000000000';
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Compares every order with its charge, and tells of each that does not agree. With `repair` each is made to agree by one
 * statement that does nothing when the row is not any more what it was. Neither service may run.
 *
 * @returns how many did not agree
 */
export async function reconcileDatabases(
  urls: { readonly orders: string; readonly billing: string },
  {
    repair,
    onDifference,
  }: {
    readonly repair: boolean;
    readonly onDifference: (difference: Difference) => void;
  },
): Promise<number> {
  const open = (url: string) => createDatabase({ url, applicationName: 'reconcile', poolSize: 1 });
  const [orders, billing] = [open(urls.orders), open(urls.billing)];
  let count = 0;
  try {
    for (let after = FIRST; after !== LAST;) {
      const page = await orders.pool.query<OrderRow>(
        'SELECT id, status, invoice_id FROM orders WHERE id > $1 ORDER BY id LIMIT $2',
        [after, PAGE],
      );
      const until = page.rows.length < PAGE ? LAST : (page.rows.at(-1)?.id ?? LAST);
      const charges = await billing.pool.query<ChargeRow>(
        'SELECT order_id, state, invoice_id FROM charges WHERE order_id > $1 AND order_id <= $2',
        [after, until],
      );
      for (const difference of differencesOf(page.rows, charges.rows)) {
        count += 1;
        onDifference(difference);
        if (repair) await repairDifference(difference, orders.pool, billing.pool);
      }
      after = until;
    }
  } finally {
    await Promise.all([orders.close(), billing.close()]);
  }
  return count;
}

function differencesOf(
  orders: readonly OrderRow[],
  charges: readonly ChargeRow[],
): readonly Difference[] {
  const chargeOf = new Map(charges.map((charge) => [charge.order_id, charge]));
  const orderOf = new Map(orders.map((order) => [order.id, order]));
  return [...new Set([...orderOf.keys(), ...chargeOf.keys()])].flatMap((id) => {
    const difference = differenceOf(id, orderOf.get(id), chargeOf.get(id));
    return difference === undefined ? [] : [difference];
  });
}

async function repairDifference(
  { orderId, repair }: Difference,
  orders: Pool,
  billing: Pool,
): Promise<void> {
  switch (repair) {
    case 'void_charge':
      await billing.query(
        "UPDATE charges SET state = 'voided' WHERE order_id = $1 AND state = 'charged'",
        [orderId],
      );
      return;
    case 'cancel_order':
      await orders.query(
        "UPDATE orders SET status = 'cancelled' WHERE id = $1 AND status = 'confirmed'",
        [orderId],
      );
      return;
    case 'write_charge':
      await writeCharge(orderId, orders, billing);
      return;
    case 'none':
  }
}

interface WholeOrder extends OrderRow {
  readonly owner: string;
  readonly amount: number;
  readonly currency: string;
  readonly created_at: Date;
}

/** As it was: charged, voided, or barred when the order never had an invoice. */
async function writeCharge(orderId: string, orders: Pool, billing: Pool): Promise<void> {
  const { rows } = await orders.query<WholeOrder>('SELECT * FROM orders WHERE id = $1', [orderId]);
  const [order] = rows;
  if (order === undefined) return;
  const { invoice_id, owner, amount, currency, created_at, status } = order;
  const charged = invoice_id === null ? [null, null, null] : [owner, amount, currency];
  const state = invoice_id === null ? 'barred' : status === 'confirmed' ? 'charged' : 'voided';
  await billing.query(
    `INSERT INTO charges (order_id, state, invoice_id, owner, amount, currency, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO NOTHING`,
    [orderId, state, invoice_id, ...charged, created_at],
  );
}
