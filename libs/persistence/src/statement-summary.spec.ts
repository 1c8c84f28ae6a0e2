import { summaryOf } from './statement-summary';

describe('summaryOf', () => {
  it.each([
    ['select "id" from "orders" where "id" = $1 for update skip locked', 'SELECT orders'],
    [
      'insert into "orders" ("id") values ($1) on conflict do update set "id" = $1',
      'INSERT orders',
    ],
    ['update "invoices" set "status" = $1 where "id" = $2', 'UPDATE invoices'],
    ['delete from only "sessions" where "id" = $1', 'DELETE sessions'],
    ['with "due" as (select 1) select * from "due" for update skip locked', 'SELECT due'],
    ['with "due" as (select "id" from "mails") update "mails" set "sent" = $1', 'UPDATE mails'],
    ['with "due" as (select 1) delete from "mails"', 'DELETE mails'],
    ['LOCK TABLE security_events IN EXCLUSIVE MODE', 'LOCK security_events'],
    ['select (select count(*) from "order_items") as "n" from "orders" as "o"', 'SELECT orders'],
    ['select * from "pg_catalog"."pg_class"', 'SELECT pg_class'],
    ['INSERT INTO orders (id) SELECT id FROM carts', 'INSERT orders'],
    ['create table if not exists "orders" ("id" uuid)', 'CREATE orders'],
    ['CREATE TRIGGER t BEFORE UPDATE OR DELETE ON orders', 'CREATE'],
    ['begin', 'BEGIN'],
    ['SELECT 1', 'SELECT'],
    ['select * from generate_series(1, 3)', 'SELECT'],
    ["select 'from secrets' from accounts", 'SELECT accounts'],
    ["select 'it''s from secrets'", 'SELECT'],
    ['', 'OTHER'],
    ['-- $1', 'OTHER'],
  ])('sums up %j as %s', (text, summary) => {
    expect(summaryOf(text).summary).toBe(summary);
    // From what is remembered, too.
    expect(summaryOf(text).summary).toBe(summary);
  });

  it('remembers so many texts and no more', () => {
    for (let number = 0; number < 2_000; number += 1) {
      expect(summaryOf(`select ${number} from "orders"`).table).toBe('orders');
    }
  });
});
