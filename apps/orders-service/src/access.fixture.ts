import { NestFactory } from '@nestjs/core';
import { auditTablesOf, SecurityEventLog } from '@sallyport/audit';
import { auditV1, ordersV1 } from '@sallyport/contracts';
import {
  collectAccessDeclarations,
  type AccessDeclaration,
  grpcServerOptions,
} from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { AppModule } from './app.module';
import type { OrdersTables } from './orders/orders.tables';
import { InMemoryBilling, ScriptedTransport } from './orders/billing.fixture';
import { RpcBilling } from './orders/rpc-billing';

/** Who may call each handler of orders-service, and for whom it works. */
export async function accessDeclarations(): Promise<readonly AccessDeclaration[]> {
  const ca = await FakeCa.create();
  const logger = createLogger({ service: 'orders-service', level: 'silent' });
  const trust = {
    source: await ca.source('orders-service'),
    workload: { trustDomain: ca.trustDomain, namespace: 'sallyport', gateway: 'gateway' },
    events: new RecordedSecurityEvents(),
    calls: { record: () => undefined },
    logger,
    clock: () => new Date(),
  };
  // Nothing is listened on and nothing is connected to.
  const database = createDatabase<OrdersTables>({
    url: 'postgres://127.0.0.1/none',
    applicationName: '',
  });
  const ports = {
    database,
    logger,
    billing: new RpcBilling(new ScriptedTransport(new InMemoryBilling())),
    transactions: { begin: () => Promise.resolve('') },
    reconciliation: { intervalSeconds: 5, graceSeconds: 15, random: () => 0.5 },
  };
  const app = await NestFactory.createMicroservice(
    AppModule.over(trust, ports, new SecurityEventLog(auditTablesOf(database))),
    {
      logger: false,
      ...grpcServerOptions({
        ...trust,
        listen: { host: '127.0.0.1', port: 0 },
        definitions: [ordersV1.OrdersServiceDefinition, auditV1.AuditServiceDefinition],
      }),
    },
  );
  const declarations = collectAccessDeclarations(app);
  await app.close();
  await database.close();
  return declarations;
}
