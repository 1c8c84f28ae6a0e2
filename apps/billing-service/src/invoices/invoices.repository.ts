import { Inject, Injectable } from '@nestjs/common';
import type { Cursor, Database } from '@sallyport/persistence';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { DATABASE } from './invoices.ports';
import { BARRED } from './invoice';
import type { Charge, ChargeTerms, Invoice } from './invoice';
import type { BillingTables, ChargesTable } from './invoices.tables';

/**
 * Stores what became of each order's charge.
 *
 * Every transition is one statement on the order's row, so of calls that race exactly one decides
 * and the others read its decision. Rows are never deleted, and change at most once: charged → voided
 * or charged → refunded.
 */
@Injectable()
export class InvoicesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database<BillingTables>) {}

  /** Charges the order unless something is recorded for it already; answers what is recorded. */
  async charge(orderId: string, owner: string, terms: ChargeTerms): Promise<Charge> {
    const row = await this.database.db
      .insertInto('charges')
      .values({
        order_id: orderId,
        state: 'charged',
        invoice_id: sql`gen_random_uuid()`,
        owner,
        amount: terms.amount,
        currency: terms.currency,
      })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row ? toCharge(row) : this.recorded(orderId);
  }

  /** Bars the order unless something is recorded for it already; answers what is recorded. */
  async bar(orderId: string): Promise<Charge> {
    const row = await this.database.db
      .insertInto('charges')
      .values({ order_id: orderId, state: 'barred' })
      .onConflict((conflict) => conflict.column('order_id').doNothing())
      .returningAll()
      .executeTakeFirst();
    return row ? toCharge(row) : this.recorded(orderId);
  }

  /** Voids the order's paid invoice, or bars the order when it has none; answers what is recorded. */
  async void(orderId: string): Promise<Charge> {
    const row = await this.database.db
      .insertInto('charges')
      .values({ order_id: orderId, state: 'barred' })
      .onConflict((conflict) =>
        conflict
          .column('order_id')
          .doUpdateSet({ state: 'voided' })
          .where('charges.state', '=', 'charged'),
      )
      .returningAll()
      .executeTakeFirst();
    return row ? toCharge(row) : this.recorded(orderId);
  }

  /** Refunds the owner's paid invoice. Undefined when it is not paid, or no invoice of the owner. */
  async refund(owner: string, invoiceId: string): Promise<Invoice | undefined> {
    const row = await this.database.db
      .updateTable('charges')
      .set({ state: 'refunded', refunded_at: sql`now()` })
      .where('invoice_id', '=', invoiceId)
      .where('owner', '=', owner)
      .where('state', '=', 'charged')
      .returningAll()
      .executeTakeFirst();
    return row && toInvoice(row);
  }

  async findOwned(owner: string, invoiceId: string): Promise<Invoice | undefined> {
    const row = await this.database.db
      .selectFrom('charges')
      .selectAll()
      .where('invoice_id', '=', invoiceId)
      .where('owner', '=', owner)
      .executeTakeFirst();
    return row && toInvoice(row);
  }

  /** Up to `limit` invoices of the owner, newest first, from behind the cursor on. */
  async listOwned(owner: string, limit: number, after?: Cursor): Promise<readonly Invoice[]> {
    const rows = await this.database.db
      .selectFrom('charges')
      .selectAll()
      .where('owner', '=', owner)
      .where('invoice_id', 'is not', null)
      .$if(after !== undefined, (query) =>
        query.where(sql<boolean>`(created_at, invoice_id) < (${after?.createdAt}, ${after?.id})`),
      )
      .orderBy('created_at', 'desc')
      .orderBy('invoice_id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toInvoice);
  }

  private async recorded(orderId: string): Promise<Charge> {
    const row = await this.database.db
      .selectFrom('charges')
      .selectAll()
      .where('order_id', '=', orderId)
      .executeTakeFirstOrThrow();
    return toCharge(row);
  }
}

const STATUS: Readonly<Record<Exclude<ChargesTable['state'], 'barred'>, Invoice['status']>> = {
  charged: 'paid',
  voided: 'voided',
  refunded: 'refunded',
};

function toCharge(row: Selectable<ChargesTable>): Charge {
  return row.state === 'barred' ? BARRED : toInvoice(row);
}

function toInvoice(row: Selectable<ChargesTable>): Invoice {
  const { invoice_id: id, state, owner, amount, currency } = row;
  if (state === 'barred' || id === null || owner === null || amount === null || currency === null) {
    throw new TypeError('a charge without its invoice: the table forbids this');
  }
  return {
    id,
    orderId: row.order_id,
    owner,
    status: STATUS[state],
    amount,
    currency,
    createdAt: row.created_at,
    ...(row.refunded_at && { refundedAt: row.refunded_at }),
  };
}
