import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  billingV1,
  createRpcClient,
  ordersV1,
  type CallOptions,
  type ServiceDefinition,
} from '@sallyport/contracts';
import {
  provisionDatabase,
  startEmbeddedPostgres,
  type PostgresServer,
} from '@sallyport/dev-stores';
import { GrpcTransport } from '@sallyport/nest-zero-trust';
import {
  createPrincipal,
  encodeIdentityHeaders,
  TransactionTokenMinter,
} from '@sallyport/principal';
import { FakeCa, handlesLeftBy, postgresForTests } from '@sallyport/testing';
// eslint-disable-next-line @nx/enforce-module-boundaries -- the real billing-service answers here
import { start as startBilling } from '../../billing-service/src/start';
import { start, type StartedService } from './start';
import { startTokenService } from './token-service.fixture';

const principal = createPrincipal({
  id: '0b3f1a52-8c1e-4f0e-9d55-7f2f0a8f7a01',
  type: 'user',
  scopes: new Set(['orders:read', 'orders:write', 'billing:read']),
});

let scratch: string;
let ca: FakeCa;
const releases: (() => unknown)[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'orders-service-'));
  ca = await FakeCa.create();
  for (const service of ['orders-service', 'billing-service']) {
    await ca.writeIdentityFiles(join(scratch, service), service);
  }
});

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

afterAll(() => rm(scratch, { recursive: true }));

const environmentOf = (service: string, databaseUrl: string) => ({
  SVID_DIR: join(scratch, service),
  GRPC_LISTEN: '127.0.0.1:0',
  OPS_LISTEN: '127.0.0.1:0',
  DATABASE_URL: databaseUrl,
  LOG_LEVEL: 'silent',
});

async function startOrders(
  databaseUrl: string,
  billingPort: number,
  tokenServiceUrl = 'https://127.0.0.1:1',
): Promise<StartedService> {
  const service = await start({
    ...environmentOf('orders-service', databaseUrl),
    BILLING_GRPC_ADDRESS: `127.0.0.1:${billingPort}`,
    AUTH_HTTPS_URL: tokenServiceUrl,
    RECONCILE_INTERVAL_SECONDS: '1',
    RECONCILE_AFTER_SECONDS: '1',
  });
  releases.push(() => service.close());
  return service;
}

/** The typed client of a service, as the gateway calls it for the principal. */
async function gatewayClientOf<D extends ServiceDefinition>(
  definition: D,
  service: string,
  port: number,
) {
  const source = await ca.source('gateway');
  const peer = ca.spiffeId(service);
  const transport = new GrpcTransport({ address: `127.0.0.1:${port}`, source, peer });
  releases.push(() => {
    transport.close();
  });
  const minter = new TransactionTokenMinter({
    source,
    trustDomain: ca.trustDomain,
    clock: () => new Date(),
  });
  const context = { method: 'POST', route: '/orders', clientAddress: '192.0.2.1' };
  const options = (): CallOptions => ({
    timeoutMs: 10_000,
    metadata: {
      ...encodeIdentityHeaders(principal),
      'txn-token': minter.mint({ principal, context }),
    },
  });
  return { client: createRpcClient(definition, transport), options };
}

async function readiness(port: number): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return { httpStatus: response.status, ...((await response.json()) as object) };
}

const items = [{ sku: 'gate-bar', quantity: 2 }];

describe('orders-service', () => {
  test('does not start without its configuration', async () => {
    await expect(start({})).rejects.toMatchObject({
      code: 'configuration_invalid',
      variable: 'GRPC_LISTEN',
    });
  });

  test('leaves nothing open when its last step fails', async () => {
    const occupied = createServer().listen(0, '127.0.0.1');
    await once(occupied, 'listening');
    const address = `127.0.0.1:${(occupied.address() as AddressInfo).port}`;
    const environment = {
      ...environmentOf('orders-service', await postgresForTests()),
      BILLING_GRPC_ADDRESS: '127.0.0.1:1',
      AUTH_HTTPS_URL: 'https://127.0.0.1:1',
    };
    const failed = () =>
      expect(start({ ...environment, OPS_LISTEN: address })).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    expect(await handlesLeftBy(failed)).toEqual([]);
    occupied.close();
    const service = await start(environment);
    releases.push(() => service.close());
  });

  test('charges through billing-service, and settles what it missed while that was away', async () => {
    const billingUrl = await postgresForTests();
    let billing = await startBilling(environmentOf('billing-service', billingUrl));
    releases.push(() => billing.close());
    const tokenService = await startTokenService(ca);
    releases.push(() => tokenService.close());
    const { grpcPort } = await startOrders(
      await postgresForTests(),
      billing.grpcPort,
      tokenService.url,
    );
    const orders = await gatewayClientOf(
      ordersV1.OrdersServiceDefinition,
      'orders-service',
      grpcPort,
    );
    const invoices = await gatewayClientOf(
      billingV1.BillingServiceDefinition,
      'billing-service',
      billing.grpcPort,
    );
    const create = async (idempotencyKey: string) => {
      const request = { idempotencyKey, items };
      const { order } = await orders.client.createOrder(request, orders.options());
      if (!order) throw new Error('no order');
      return order;
    };
    const statusOf = async (id: string) =>
      (await orders.client.getOrder({ id }, orders.options())).order?.status;

    const charged = await create('one');
    expect(charged).toMatchObject({ status: 'ORDER_STATUS_CONFIRMED', items });
    const { invoice } = await invoices.client.getInvoice(
      { id: charged.invoiceId },
      invoices.options(),
    );
    expect(invoice).toMatchObject({
      orderId: charged.id,
      status: 'INVOICE_STATUS_PAID',
      total: { amount: 15_600, currency: 'EUR' },
    });

    await billing.close();
    const missed = await create('two');
    expect(missed.status).toBe('ORDER_STATUS_PENDING');
    const { order: cancelling } = await orders.client.cancelOrder(
      { id: charged.id },
      orders.options(),
    );
    expect(cancelling?.status).toBe('ORDER_STATUS_CANCELLING');

    billing = await startBilling({
      ...environmentOf('billing-service', billingUrl),
      GRPC_LISTEN: `127.0.0.1:${billing.grpcPort}`,
    });
    const { ORDER_STATUS_CANCELLED } = ordersV1.OrderStatus;
    while ((await statusOf(missed.id)) !== ORDER_STATUS_CANCELLED) await setTimeout(100);
    while ((await statusOf(charged.id)) !== ORDER_STATUS_CANCELLED) await setTimeout(100);
    const left = await invoices.client.listInvoices(
      { pageSize: 0, pageToken: '' },
      invoices.options(),
    );
    expect(left.invoices).toMatchObject([
      { id: charged.invoiceId, status: 'INVOICE_STATUS_VOIDED' },
    ]);
  }, 60_000);

  test('refuses while its database is away, and recovers without a restart', async () => {
    const dataDirectory = join(scratch, 'postgres');
    let postgres: PostgresServer = await startEmbeddedPostgres({ dataDirectory });
    releases.push(() => postgres.stop());
    const databaseUrl = await provisionDatabase(postgres.url, { name: 'orders', password: 'p' });
    const { grpcPort, operationsPort } = await startOrders(databaseUrl, 1);
    const { client, options } = await gatewayClientOf(
      ordersV1.OrdersServiceDefinition,
      'orders-service',
      grpcPort,
    );
    const { order } = await client.createOrder({ idempotencyKey: 'one', items }, options());
    expect(await readiness(operationsPort)).toEqual({
      httpStatus: 200,
      status: 'up',
      checks: { database: 'up', identity: 'up' },
    });

    await postgres.stop();
    await expect(
      client.createOrder({ idempotencyKey: 'two', items }, options()),
    ).rejects.toMatchObject({ status: 'UNAVAILABLE', reason: 'database_unavailable' });
    expect(await readiness(operationsPort)).toEqual({
      httpStatus: 503,
      status: 'down',
      checks: { database: 'down', identity: 'up' },
    });

    postgres = await startEmbeddedPostgres({ dataDirectory, port: postgres.port });
    expect(await readiness(operationsPort)).toMatchObject({ httpStatus: 200 });
    const { orders } = await client.listOrders({ pageSize: 0, pageToken: '' }, options());
    expect(orders.map(({ id }) => id)).toEqual([order?.id]);
  }, 60_000);
});
