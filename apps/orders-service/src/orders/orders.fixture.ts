import type { RpcTransport } from '@sallyport/contracts';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { OrderReconciler } from './order-reconciler';
import { OrderSettlement } from './order-settlement';
import { OrdersRepository } from './orders.repository';
import { OrdersService } from './orders.service';
import type { OrdersTables } from './orders.tables';
import { ProductsRepository } from './products.repository';
import { RpcBilling } from './rpc-billing';
import { ScriptedTransactions } from './workload-transactions.fixture';

export const OWNER = 'user:1';

interface Options {
  /** 0 lets the reconciler take an order while its first charge is still under way. */
  readonly graceSeconds?: number;
  readonly intervalSeconds?: number;
  /** Puts itself between the services and the rows. */
  readonly around?: (orders: OrdersRepository) => OrdersRepository;
}

export interface Replica {
  readonly service: OrdersService;
  readonly reconciler: OrderReconciler;
  /** Of the reconciler, as the service repeats them. */
  readonly passes: RepeatedPasses;
  readonly orders: OrdersRepository;
  readonly transactions: ScriptedTransactions;
  /** What was logged. */
  readonly lines: Record<string, unknown>[];
}

/** The domain of one replica of orders-service, on a real database and whatever billing it is given. */
export function replicaOf(
  database: Database<OrdersTables>,
  transport: RpcTransport,
  { graceSeconds = 0, intervalSeconds = 3_600, around = (orders) => orders }: Options = {},
): Replica {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    },
  };
  const logger = createLogger({ service: 'orders-service', level: 'info', destination });
  const orders = around(new OrdersRepository(database));
  const settlement = new OrderSettlement(orders, new RpcBilling(transport));
  const transactions = new ScriptedTransactions();
  const reconciliation = { intervalSeconds, graceSeconds, random: () => 0.5 };
  const reconciler = new OrderReconciler(orders, settlement, transactions, reconciliation, logger);
  return {
    lines,
    orders,
    transactions,
    service: new OrdersService(
      orders,
      new ProductsRepository(database),
      settlement,
      transactions,
      reconciliation,
      logger,
    ),
    reconciler,
    passes: new RepeatedPasses(reconciler, logger),
  };
}
