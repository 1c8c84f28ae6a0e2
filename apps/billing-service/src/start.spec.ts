import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { billingV1, createRpcClient, type CallOptions, type RpcClient } from '@sallyport/contracts';
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
  WorkloadTransactionMinter,
} from '@sallyport/principal';
import { FakeCa, handlesLeftBy, postgresForTests } from '@sallyport/testing';
import { start, type StartedService } from './start';

type Client = RpcClient<billingV1.BillingServiceDefinition>;

const ALL_SCOPES = ['orders:write', 'billing:read', 'billing:refund'];
const UNKNOWN = '7d2f1f43-6a57-4d0c-9f3c-0f0a3f0f6a11';
const total = { amount: 7800, currency: 'EUR' };

let scratch: string;
let ca: FakeCa;
let minter: TransactionTokenMinter;
let tokenService: WorkloadTransactionMinter;
const releases: (() => unknown)[] = [];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'billing-service-'));
  ca = await FakeCa.create();
  await ca.writeIdentityFiles(scratch, 'billing-service');
  const source = await ca.source('gateway');
  minter = new TransactionTokenMinter({
    source,
    trustDomain: ca.trustDomain,
    clock: () => new Date(),
  });
  tokenService = new WorkloadTransactionMinter({
    source: await ca.source('auth-service'),
    trustDomain: ca.trustDomain,
  });
});

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

afterAll(() => rm(scratch, { recursive: true }));

const environmentOf = (databaseUrl: string) => ({
  SVID_DIR: scratch,
  GRPC_LISTEN: '127.0.0.1:0',
  OPS_LISTEN: '127.0.0.1:0',
  DATABASE_URL: databaseUrl,
  LOG_LEVEL: 'silent',
});

async function startBilling(databaseUrl: string): Promise<StartedService> {
  const service = await start(environmentOf(databaseUrl));
  releases.push(() => service.close());
  return service;
}

/** Billing as the workload of this name reaches it. */
async function clientOf(workload: string, port: number): Promise<Client> {
  const source = await ca.source(workload);
  const peer = ca.spiffeId('billing-service');
  const transport = new GrpcTransport({ address: `127.0.0.1:${port}`, source, peer });
  releases.push(() => {
    transport.close();
  });
  return createRpcClient(billingV1.BillingServiceDefinition, transport);
}

function principalOf(id: string, scopes: readonly string[] = ALL_SCOPES) {
  return createPrincipal({ id, type: 'user', scopes: new Set(scopes) });
}

const asWorkload: CallOptions = { timeoutMs: 10_000 };

/** A user as orders-service passes it on. */
function forUser(id: string, scopes?: readonly string[]): CallOptions {
  const context = { method: 'POST', route: '/orders', clientAddress: '192.0.2.1' };
  const token = minter.mint({ principal: principalOf(id, scopes), context });
  return { ...asWorkload, metadata: { 'txn-token': token } };
}

/** A transaction that orders-service has begun. */
function within(...scopes: readonly string[]): CallOptions {
  const workload = ca.spiffeId('orders-service');
  const issuedAt = Math.floor(Date.now() / 1000);
  const token = tokenService.mint({
    ...{ txn: randomUUID(), workload, requestingWorkloads: [workload], job: 'settle-orders' },
    ...{ scopes: new Set(scopes), issuedAt, expiresAt: issuedAt + 60 },
  });
  return { ...asWorkload, metadata: { 'txn-token': token } };
}

/** A user as the gateway vouches for it. */
function fromGateway(id: string, scopes?: readonly string[]): CallOptions {
  return { ...asWorkload, metadata: encodeIdentityHeaders(principalOf(id, scopes)) };
}

describe('billing-service', () => {
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
    const environment = environmentOf(await postgresForTests());
    const failed = () =>
      expect(start({ ...environment, OPS_LISTEN: address })).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    expect(await handlesLeftBy(failed)).toEqual([]);
    occupied.close();
    const service = await start(environment);
    releases.push(() => service.close());
  });

  test('serves orders-service and the gateway, each its own methods', async () => {
    const { grpcPort } = await startBilling(await postgresForTests());
    const orders = await clientOf('orders-service', grpcPort);
    const gateway = await clientOf('gateway', grpcPort);
    const orderId = randomUUID();
    const charge = { orderId, total };

    const refusals: readonly [string, string, () => Promise<unknown>][] = [
      [
        'PERMISSION_DENIED',
        'caller_not_allowed',
        () => gateway.chargeOrder(charge, fromGateway('1')),
      ],
      [
        'PERMISSION_DENIED',
        'caller_not_allowed',
        () => gateway.voidOrderCharge({ orderId }, asWorkload),
      ],
      [
        'PERMISSION_DENIED',
        'caller_not_allowed',
        () => gateway.resolveOrderCharge({ orderId }, asWorkload),
      ],
      [
        'PERMISSION_DENIED',
        'caller_not_allowed',
        () => orders.getInvoice({ id: orderId }, forUser('1')),
      ],
      [
        'PERMISSION_DENIED',
        'identity_headers_untrusted',
        () => orders.chargeOrder(charge, fromGateway('1')),
      ],
      ['UNAUTHENTICATED', 'txn_token_missing', () => orders.chargeOrder(charge, asWorkload)],
      [
        'PERMISSION_DENIED',
        'insufficient_scope',
        () => orders.chargeOrder(charge, forUser('1', ['billing:read'])),
      ],
      [
        'PERMISSION_DENIED',
        'user_not_accepted',
        () => orders.voidOrderCharge({ orderId }, forUser('1')),
      ],
      [
        'UNAUTHENTICATED',
        'txn_token_missing',
        () => orders.resolveOrderCharge({ orderId }, asWorkload),
      ],
      [
        'PERMISSION_DENIED',
        'insufficient_scope',
        () => orders.voidOrderCharge({ orderId }, within('charges:resolve')),
      ],
      [
        'PERMISSION_DENIED',
        'workload_not_accepted',
        () => orders.chargeOrder(charge, within('orders:write')),
      ],
      [
        'PERMISSION_DENIED',
        'insufficient_scope',
        () => gateway.getInvoice({ id: orderId }, fromGateway('1', ['orders:write'])),
      ],
      [
        'PERMISSION_DENIED',
        'caller_not_allowed',
        () => orders.refundInvoice({ id: orderId }, forUser('1')),
      ],
      [
        'PERMISSION_DENIED',
        'insufficient_scope',
        () => gateway.refundInvoice({ id: orderId }, fromGateway('1', ['billing:read'])),
      ],
      [
        'NOT_FOUND',
        'invoice_not_found',
        () => gateway.refundInvoice({ id: 'x' }, fromGateway('1')),
      ],
      [
        'INVALID_ARGUMENT',
        'order_id_invalid',
        () => orders.chargeOrder({ orderId: 'x', total }, forUser('1')),
      ],
      [
        'INVALID_ARGUMENT',
        'total_invalid',
        () => orders.chargeOrder({ orderId, total: undefined }, forUser('1')),
      ],
      ['NOT_FOUND', 'invoice_not_found', () => gateway.getInvoice({ id: 'x' }, fromGateway('1'))],
      [
        'NOT_FOUND',
        'invoice_not_found',
        () => gateway.getInvoice({ id: UNKNOWN }, fromGateway('1')),
      ],
      [
        'INVALID_ARGUMENT',
        'page_size_out_of_range',
        () => gateway.listInvoices({ pageSize: 101, pageToken: '' }, fromGateway('1')),
      ],
    ];
    for (const [status, reason, call] of refusals) {
      await expect(call()).rejects.toMatchObject({ status, reason });
    }

    const { invoice } = await orders.chargeOrder(charge, forUser('1'));
    expect(invoice).toMatchObject({ orderId, status: 'INVOICE_STATUS_PAID', total });
    const id = invoice?.id ?? '';
    expect(await orders.resolveOrderCharge({ orderId }, within('charges:resolve'))).toEqual({
      invoice,
    });
    expect(await gateway.getInvoice({ id }, fromGateway('1'))).toEqual({ invoice });
    await expect(gateway.getInvoice({ id }, fromGateway('2'))).rejects.toMatchObject({
      status: 'NOT_FOUND',
      reason: 'invoice_not_found',
    });
    await expect(orders.chargeOrder(charge, forUser('2'))).rejects.toMatchObject({
      status: 'ABORTED',
      reason: 'charge_terms_differ',
    });

    const voided = { ...invoice, status: 'INVOICE_STATUS_VOIDED' };
    expect(await orders.voidOrderCharge({ orderId }, within('charges:void'))).toEqual({
      invoice: voided,
    });
    await expect(orders.chargeOrder(charge, forUser('1'))).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'charge_voided',
    });
    await expect(gateway.refundInvoice({ id }, fromGateway('1'))).rejects.toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'invoice_not_refundable',
    });
    const page = await gateway.listInvoices({ pageSize: 0, pageToken: '' }, fromGateway('1'));
    expect(page).toEqual({ invoices: [voided], nextPageToken: '' });

    const other = await orders.chargeOrder({ orderId: UNKNOWN, total }, forUser('1'));
    const refunded = await gateway.refundInvoice(
      { id: other.invoice?.id ?? '' },
      fromGateway('1', ['billing:refund']),
    );
    expect(refunded).toEqual({
      invoice: {
        ...other.invoice,
        status: 'INVOICE_STATUS_REFUNDED',
        refundedAt: expect.any(Date) as Date,
      },
    });
  }, 60_000);

  test('refuses while its database is away, and recovers without a restart', async () => {
    const dataDirectory = join(scratch, 'postgres');
    let postgres: PostgresServer = await startEmbeddedPostgres({ dataDirectory });
    releases.push(() => postgres.stop());
    const databaseUrl = await provisionDatabase(postgres.url, { name: 'billing', password: 'p' });
    const { grpcPort, operationsPort } = await startBilling(databaseUrl);
    const orders = await clientOf('orders-service', grpcPort);
    const charge = { orderId: randomUUID(), total };
    const first = await orders.chargeOrder(charge, forUser('1'));
    expect(await readiness(operationsPort)).toEqual({
      httpStatus: 200,
      status: 'up',
      checks: { database: 'up', identity: 'up' },
    });

    await postgres.stop();
    await expect(orders.chargeOrder(charge, forUser('1'))).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'database_unavailable',
    });
    expect(await readiness(operationsPort)).toEqual({
      httpStatus: 503,
      status: 'down',
      checks: { database: 'down', identity: 'up' },
    });

    postgres = await startEmbeddedPostgres({ dataDirectory, port: postgres.port });
    expect(await readiness(operationsPort)).toMatchObject({ httpStatus: 200 });
    expect(await orders.chargeOrder(charge, forUser('1'))).toEqual(first);
  }, 60_000);
});

async function readiness(port: number): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return { httpStatus: response.status, ...((await response.json()) as object) };
}
