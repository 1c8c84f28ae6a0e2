import { NestFactory } from '@nestjs/core';
import { ordersV1 } from '@sallyport/contracts';
import { collectAccessDeclarations, grpcServerOptions } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { AppModule } from './app.module';
import type { OrdersTables } from './orders/orders.tables';
import { InMemoryBilling, ScriptedTransport } from './orders/billing.fixture';
import { RpcBilling } from './orders/rpc-billing';

describe('AppModule', () => {
  test('declares who may call each handler and for whom it works', async () => {
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
      reconciliation: { intervalSeconds: 5, graceSeconds: 15, random: () => 0.5 },
    };
    const app = await NestFactory.createMicroservice(AppModule.over(trust, ports), {
      logger: false,
      ...grpcServerOptions({
        ...trust,
        listen: { host: '127.0.0.1', port: 0 },
        definitions: [ordersV1.OrdersServiceDefinition],
      }),
    });

    expect(collectAccessDeclarations(app)).toMatchInlineSnapshot(`
      [
        {
          "callers": [
            "gateway",
          ],
          "handler": "OrdersController.cancelOrder",
          "identity": "scopes orders:write",
          "target": "sallyport.orders.v1.OrdersService/CancelOrder",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "OrdersController.createOrder",
          "identity": "scopes orders:write",
          "target": "sallyport.orders.v1.OrdersService/CreateOrder",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "OrdersController.getOrder",
          "identity": "scopes orders:read",
          "target": "sallyport.orders.v1.OrdersService/GetOrder",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "OrdersController.listOrders",
          "identity": "scopes orders:read",
          "target": "sallyport.orders.v1.OrdersService/ListOrders",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "OrdersController.listProducts",
          "identity": "public",
          "target": "sallyport.orders.v1.OrdersService/ListProducts",
          "transport": "grpc",
        },
      ]
    `);
    await database.close();
  });
});
