import { Inject, Injectable } from '@nestjs/common';
import type { Cursor, Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { RawBuilder, Selectable } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { DATABASE } from './orders.ports';
import type { Money, Order, OrderItem, OrderRequest, OrderStatus } from './order';
import type { OrdersTable, OrdersTables } from './orders.tables';

/**
 * Stores orders.
 *
 * Every change of state is one UPDATE that names the states it may leave, so of calls that race
 * exactly one changes the row; the others are told `false` and read what was decided.
 */
@Injectable()
export class OrdersRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<OrdersTables>) {}

  /**
   * Accepts an order with its items, or nothing when the owner's key was used before. It is left
   * to its own charge for `graceSeconds` before the reconciler may take it.
   */
  async place(
    owner: string,
    { idempotencyKey, items }: OrderRequest,
    total: Money,
    graceSeconds: number,
  ): Promise<Order | undefined> {
    return this.database.db.transaction().execute(async (transaction) => {
      const placed = await transaction
        .insertInto('orders')
        .values({
          owner,
          idempotency_key: idempotencyKey,
          status: 'pending',
          amount: total.amount,
          currency: total.currency,
          settle_at: secondsFromNow(graceSeconds),
        })
        .onConflict((conflict) => conflict.columns(['owner', 'idempotency_key']).doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!placed) return undefined;
      await transaction
        .insertInto('order_items')
        .values(items.map((item, position) => ({ order_id: placed.id, position, ...item })))
        .execute();
      return toOrder({ ...placed, items });
    });
  }

  async findOwned(owner: string, orderId: string): Promise<Order | undefined> {
    const row = await this.selectOrders()
      .where('id', '=', orderId)
      .where('owner', '=', owner)
      .executeTakeFirst();
    return row && toOrder(row);
  }

  async findByKey(owner: string, idempotencyKey: string): Promise<Order | undefined> {
    const row = await this.selectOrders()
      .where('owner', '=', owner)
      .where('idempotency_key', '=', idempotencyKey)
      .executeTakeFirst();
    return row && toOrder(row);
  }

  /** Up to `limit` orders of the owner, newest first, from behind the cursor on. */
  async listOwned(owner: string, limit: number, after?: Cursor): Promise<readonly Order[]> {
    const rows = await this.selectOrders()
      .where('owner', '=', owner)
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(created_at, id) < (${after?.createdAt}, ${after?.id})`),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toOrder);
  }

  /** pending → confirmed. */
  async confirm(orderId: string, invoiceId: string): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('orders')
      .set({ status: 'confirmed', invoice_id: invoiceId })
      .where('id', '=', orderId)
      .where('status', '=', 'pending')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** pending → cancelled, once billing has said that the order never will be charged. */
  async abandon(orderId: string): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('orders')
      .set({ status: 'cancelled' })
      .where('id', '=', orderId)
      .where('status', '=', 'pending')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** pending or confirmed → cancelling. From then on only {@link finishCancellation} changes the order. */
  async beginCancellation(owner: string, orderId: string, graceSeconds: number): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('orders')
      .set({ status: 'cancelling', settle_at: secondsFromNow(graceSeconds) })
      .where('id', '=', orderId)
      .where('owner', '=', owner)
      .where('status', 'in', ['pending', 'confirmed'])
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** cancelling → cancelled, with the invoice that was voided, if there was one. */
  async finishCancellation(orderId: string, invoiceId: string | undefined): Promise<boolean> {
    const { numUpdatedRows } = await this.database.db
      .updateTable('orders')
      .set({ status: 'cancelled', invoice_id: invoiceId ?? null })
      .where('id', '=', orderId)
      .where('status', '=', 'cancelling')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /**
   * Takes up to `limit` orders that are due to be settled, longest waiting first, and puts each
   * off by `leaseSeconds`, so that a replica taking at the same moment gets others. No lock is held
   * when it returns: a lease that runs out early costs a repeated call to billing, nothing else.
   */
  async takeUnsettled(
    limit: number,
    leaseSeconds: number,
  ): Promise<readonly { id: string; status: OrderStatus }[]> {
    return this.database.db
      .with('due', (query) =>
        query
          .selectFrom('orders')
          .select('id')
          .where('status', 'in', ['pending', 'cancelling'])
          .where('settle_at', '<=', secondsFromNow(0))
          .orderBy('settle_at')
          .limit(limit)
          .forUpdate()
          .skipLocked(),
      )
      .updateTable('orders')
      .from('due')
      .set({ settle_at: secondsFromNow(leaseSeconds) })
      .whereRef('orders.id', '=', 'due.id')
      .returning(['orders.id', 'orders.status'])
      .execute();
  }

  private selectOrders() {
    return this.database.db
      .selectFrom('orders')
      .select(['id', 'status', 'amount', 'currency', 'invoice_id', 'created_at'])
      .select((order) =>
        jsonArrayFrom(
          order
            .selectFrom('order_items')
            .select(['sku', 'quantity'])
            .whereRef('order_id', '=', 'orders.id')
            .orderBy('position'),
        ).as('items'),
      );
  }
}

/** The database's clock decides, so that replicas whose clocks differ agree on what is due. */
function secondsFromNow(seconds: number): RawBuilder<Date> {
  return sql<Date>`now() + make_interval(secs => ${seconds})`;
}

type OrderColumns = 'id' | 'status' | 'amount' | 'currency' | 'invoice_id' | 'created_at';

function toOrder(
  row: Pick<Selectable<OrdersTable>, OrderColumns> & { items: readonly OrderItem[] },
): Order {
  return {
    id: row.id,
    status: row.status,
    items: row.items,
    total: { amount: row.amount, currency: row.currency },
    invoiceId: row.invoice_id ?? undefined,
    createdAt: row.created_at,
  };
}
