import { NestFactory } from '@nestjs/core';
import { auditTablesOf, SecurityEventLog } from '@sallyport/audit';
import { auditV1, billingV1 } from '@sallyport/contracts';
import {
  collectAccessDeclarations,
  type AccessDeclaration,
  grpcServerOptions,
} from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { AppModule } from './app.module';
import type { BillingTables } from './invoices/invoices.tables';

/** Who may call each handler of billing-service, and for whom it works. */
export async function accessDeclarations(): Promise<readonly AccessDeclaration[]> {
  const ca = await FakeCa.create();
  const logger = createLogger({ service: 'billing-service', level: 'silent' });
  const trust = {
    source: await ca.source('billing-service'),
    workload: { trustDomain: ca.trustDomain, namespace: 'sallyport', gateway: 'gateway' },
    events: new RecordedSecurityEvents(),
    calls: { record: () => undefined },
    logger,
    clock: () => new Date(),
  };
  // Nothing is listened on and nothing is connected to.
  const database = createDatabase<BillingTables>({
    url: 'postgres://127.0.0.1/none',
    applicationName: '',
  });
  const ports = { database, events: trust.events };
  const app = await NestFactory.createMicroservice(
    AppModule.over(trust, ports, new SecurityEventLog(auditTablesOf(database))),
    {
      logger: false,
      ...grpcServerOptions({
        ...trust,
        listen: { host: '127.0.0.1', port: 0 },
        definitions: [billingV1.BillingServiceDefinition, auditV1.AuditServiceDefinition],
      }),
    },
  );
  const declarations = collectAccessDeclarations(app);
  await app.close();
  await database.close();
  return declarations;
}
