import type { Kysely } from 'kysely';
import type { OrdersTables } from './orders.tables';

/** How many orders have a charge or a void that is not settled yet, those in the middle of their call included. */
export async function countUnsettled(
  db: Kysely<OrdersTables>,
): Promise<Readonly<Record<'settlements', number>>> {
  const { count } = await db
    .selectFrom('orders')
    .select((query) => query.fn.countAll<string>().as('count'))
    .where('status', 'in', ['pending', 'cancelling'])
    .executeTakeFirstOrThrow();
  return { settlements: Number(count) };
}
