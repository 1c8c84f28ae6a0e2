import { NestFactory } from '@nestjs/core';
import { billingV1 } from '@sallyport/contracts';
import { collectAccessDeclarations, grpcServerOptions } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { AppModule } from './app.module';
import type { BillingTables } from './invoices/invoices.tables';

describe('AppModule', () => {
  test('declares who may call each handler and for whom it works', async () => {
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
    const ports = { database };
    const app = await NestFactory.createMicroservice(AppModule.over(trust, ports), {
      logger: false,
      ...grpcServerOptions({
        ...trust,
        listen: { host: '127.0.0.1', port: 0 },
        definitions: [billingV1.BillingServiceDefinition],
      }),
    });

    expect(collectAccessDeclarations(app)).toMatchInlineSnapshot(`
      [
        {
          "callers": [
            "orders-service",
          ],
          "handler": "InvoicesController.chargeOrder",
          "identity": "scopes orders:write",
          "target": "sallyport.billing.v1.BillingService/ChargeOrder",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "InvoicesController.getInvoice",
          "identity": "scopes billing:read",
          "target": "sallyport.billing.v1.BillingService/GetInvoice",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "InvoicesController.listInvoices",
          "identity": "scopes billing:read",
          "target": "sallyport.billing.v1.BillingService/ListInvoices",
          "transport": "grpc",
        },
        {
          "callers": [
            "orders-service",
          ],
          "handler": "InvoicesController.resolveOrderCharge",
          "identity": "workload",
          "target": "sallyport.billing.v1.BillingService/ResolveOrderCharge",
          "transport": "grpc",
        },
        {
          "callers": [
            "orders-service",
          ],
          "handler": "InvoicesController.voidOrderCharge",
          "identity": "workload",
          "target": "sallyport.billing.v1.BillingService/VoidOrderCharge",
          "transport": "grpc",
        },
      ]
    `);
    await database.close();
  });
});
