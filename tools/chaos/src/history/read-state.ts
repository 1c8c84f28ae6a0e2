import { auditTablesOf, verifyChain } from '@sallyport/audit';
import { createDatabase } from '@sallyport/persistence';
import { Client } from 'pg';
import type { QueryResultRow } from 'pg';
import { SERVICES } from '../cluster/parts';
import type { Service } from '../cluster/parts';
import type { Audit, FinalState, StoredCharge, StoredOrder } from './final-state';

/** Where the state is read, past the services. */
export interface Stores {
  databaseUrl(service: Service): string;
  /** What a service has logged since it was first started. */
  log(service: Service): readonly Readonly<Record<string, unknown>>[];
  /** When it was killed, on the clock of the history. */
  killedAt(service: Service): readonly number[];
}

const STATEMENT_TIMEOUT_MS = 60_000;

export async function readOrders(stores: Stores): Promise<readonly StoredOrder[]> {
  return ask<StoredOrder>(
    stores.databaseUrl('orders-service'),
    `SELECT id, owner, idempotency_key AS key, status, amount::int AS amount, invoice_id AS "invoiceId" FROM orders`,
  );
}

export async function readCharges(stores: Stores): Promise<readonly StoredCharge[]> {
  return ask<StoredCharge>(
    stores.databaseUrl('billing-service'),
    `SELECT order_id AS "orderId", state, invoice_id AS "invoiceId", owner, amount::int AS amount FROM charges`,
  );
}

/** The security events of every service: in its chain, and in its log. */
export function readAudits(stores: Stores): Promise<FinalState['audits']> {
  return Promise.all(SERVICES.map((service) => readAudit(stores, service)));
}

async function readAudit(stores: Stores, service: Service): Promise<Audit> {
  const url = stores.databaseUrl(service);
  // Logged first and appended later: what is read last has everything that was read first.
  const logged = stores.log(service).filter(({ event }) => event === 'security');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const rows = await ask<{ id: string; lost: number | null }>(
    url,
    `SELECT concat_ws(' ', type, outcome, reason, correlation_id) AS id, lost_events::int AS lost FROM security_events`,
  );
  return {
    service,
    fault: await faultOf(url, service),
    logged: logged.map(({ type, outcome, reason, correlationId, time }) => ({
      id: [type, outcome, reason, correlationId]
        .filter((part) => typeof part === 'string')
        .join(' '),
      at: Number(new Date(String(time))) - performance.timeOrigin,
    })),
    stored: rows.map(({ id }) => id),
    accountedLost: rows.reduce((sum, { lost }) => sum + (lost ?? 0), 0),
    killedAt: stores.killedAt(service),
  };
}

async function faultOf(url: string, service: Service): Promise<string | undefined> {
  const database = createDatabase<never>({
    url,
    applicationName: 'chaos',
    poolSize: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  });
  try {
    const { fault } = await verifyChain(auditTablesOf(database), { service });
    return fault && `${fault.kind} at ${fault.seq ?? 'no place'}`;
  } finally {
    await database.close();
  }
}

async function ask<Row extends QueryResultRow>(url: string, sql: string): Promise<readonly Row[]> {
  const database = new Client({ connectionString: url });
  await database.connect();
  try {
    return (await database.query<Row>(sql)).rows;
  } finally {
    await database.end();
  }
}
