import { randomBytes, randomUUID } from 'node:crypto';
import { authV1, billingV1, ordersV1 } from '@sallyport/contracts';
import type { ServiceDefinition } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import { SERVICES, sharedCluster } from '../src/cluster-facts';
import type { GrpcServiceName, ServiceName } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import type { Customer, PlacedOrder } from '../src/customers';
import { Evidence } from '../src/evidence';
import { gatewayMetadataFor } from '../src/identity-metadata';
import { InternalClient } from '../src/internal-client';
import type { Channel } from '../src/internal-targets';
import { answered, getInternal } from '../src/internal-https';
import { PublicClient } from '../src/public-client';
import { expectCallRefused, expectNothingLeaked, expectPassed } from '../src/refusal.expectations';
import { unknownRpc } from '../src/rpc';
import { transactionTokenFor } from '../src/transaction-tokens';

type MethodsOf<D extends ServiceDefinition> = keyof D['methods'];

/** What the customer has, for a call done right. */
interface World {
  readonly customer: Customer;
  readonly order: PlacedOrder;
}

/** Who may call a method, and how it is called. */
interface Access {
  readonly caller: ServiceName;
  readonly request: (world: World) => Uint8Array;
  readonly metadata?: (world: World) => Readonly<Record<string, string>>;
  /** Handlers that run beyond its own. */
  readonly beyond?: readonly string[];
}

const byCustomer = ({ customer }: World) => gatewayMetadataFor(customer);
/** Limits of attempts count by it. */
const byAnyone = () => ({ 'x-client-address': '127.0.0.1' });
const BILLING = billingV1.BillingServiceDefinition.fullName;

const AUTH_ACCESS: Record<MethodsOf<typeof authV1.AuthServiceDefinition>, Access> = {
  register: {
    caller: 'gateway',
    request: () =>
      authV1.RegisterRequest.encode({
        email: `callers-${randomUUID()}@example.com`,
        password: randomBytes(18).toString('base64url'),
      }).finish(),
    metadata: byAnyone,
  },
  login: {
    caller: 'gateway',
    request: ({ customer: { email, password } }) =>
      authV1.LoginRequest.encode({ email, password }).finish(),
    metadata: byAnyone,
  },
  refresh: {
    caller: 'gateway',
    request: ({ customer }) =>
      authV1.RefreshRequest.encode({ refreshToken: refreshTokenOf(customer) }).finish(),
  },
  logout: {
    caller: 'gateway',
    request: () => authV1.LogoutRequest.encode({ refreshToken: 'unknown' }).finish(),
  },
  getAccount: {
    caller: 'gateway',
    request: () => authV1.GetAccountRequest.encode({}).finish(),
    metadata: byCustomer,
  },
};

const ORDERS_ACCESS: Record<MethodsOf<typeof ordersV1.OrdersServiceDefinition>, Access> = {
  listProducts: {
    caller: 'gateway',
    request: () => ordersV1.ListProductsRequest.encode({}).finish(),
  },
  createOrder: {
    caller: 'gateway',
    request: ({ order }) => {
      const items = [...order.items];
      return ordersV1.CreateOrderRequest.encode({ idempotencyKey: randomUUID(), items }).finish();
    },
    metadata: byCustomer,
    beyond: [`${BILLING}/ChargeOrder`],
  },
  getOrder: {
    caller: 'gateway',
    request: ({ order: { id } }) => ordersV1.GetOrderRequest.encode({ id }).finish(),
    metadata: byCustomer,
  },
  listOrders: {
    caller: 'gateway',
    request: () => ordersV1.ListOrdersRequest.encode({ pageSize: 1, pageToken: '' }).finish(),
    metadata: byCustomer,
  },
  cancelOrder: {
    caller: 'gateway',
    request: ({ order: { id } }) => ordersV1.CancelOrderRequest.encode({ id }).finish(),
    metadata: byCustomer,
    beyond: [`${BILLING}/VoidOrderCharge`],
  },
};

const BILLING_ACCESS: Record<MethodsOf<typeof billingV1.BillingServiceDefinition>, Access> = {
  chargeOrder: {
    caller: 'orders-service',
    request: ({ order: { total } }) =>
      billingV1.ChargeOrderRequest.encode({ orderId: randomUUID(), total }).finish(),
    metadata: ({ customer }) => ({ 'txn-token': transactionTokenFor(customer) }),
  },
  resolveOrderCharge: {
    caller: 'orders-service',
    request: () => billingV1.ResolveOrderChargeRequest.encode({ orderId: randomUUID() }).finish(),
  },
  voidOrderCharge: {
    caller: 'orders-service',
    request: () => billingV1.VoidOrderChargeRequest.encode({ orderId: randomUUID() }).finish(),
  },
  getInvoice: {
    caller: 'gateway',
    request: ({ order }) =>
      billingV1.GetInvoiceRequest.encode({ id: order.invoiceId ?? '' }).finish(),
    metadata: byCustomer,
  },
  listInvoices: {
    caller: 'gateway',
    request: () => billingV1.ListInvoicesRequest.encode({ pageSize: 1, pageToken: '' }).finish(),
    metadata: byCustomer,
  },
};

const evidence = new Evidence();
const client = new InternalClient();
let world: World;
beforeAll(async () => {
  const outside = new PublicClient();
  const customer = await signUp(outside);
  world = { customer, order: await placeOrder(outside, customer) };
});

describe.each<
  readonly [GrpcServiceName, ServiceDefinition, Readonly<Record<string, Access | undefined>>]
>([
  ['auth-service', authV1.AuthServiceDefinition, AUTH_ACCESS],
  ['orders-service', ordersV1.OrdersServiceDefinition, ORDERS_ACCESS],
  ['billing-service', billingV1.BillingServiceDefinition, BILLING_ACCESS],
])('%s', (service, { fullName, methods }, accesses) => {
  const address = sharedCluster().grpcAddresses[service];
  const rpcs = Object.entries(methods).map(([key, { name }]) => {
    const access = accesses[key];
    // The compiler says so too, but Jest does not ask it.
    if (access === undefined) throw new Error(`nobody says who may call ${name}`);
    return { name, rpc: unknownRpc(`${fullName}/${name}`), access };
  });

  /** Well-formed but for who calls: with the user, where the rightful caller brings one. */
  const callAs = (channel: Channel, { rpc, access }: (typeof rpcs)[number]) =>
    client.callAs({ ...channel, address, method: rpc, request: access.request(world) });

  describe.each(rpcs)('$name', (method) => {
    const { rpc, access } = method;
    const strangers = SERVICES.filter((name) => name !== access.caller);

    it.each(strangers)("refuses %s's own valid certificate", async (stranger) => {
      await expectCallRefused(await callAs({ svid: client.svidOf(stranger) }, method), {
        evidence,
        status: 'PERMISSION_DENIED',
        reason: 'caller_not_allowed',
      });
    });

    it(`answers ${access.caller}`, async () => {
      const metadata = access.metadata?.(world) ?? {};
      const outcome = await callAs({ svid: client.svidOf(access.caller), metadata }, method);
      await expectPassed(outcome, { evidence, handled: [rpc.target, ...(access.beyond ?? [])] });
    });
  });
});

describe('what no service has', () => {
  const { fullName: orders } = ordersV1.OrdersServiceDefinition;

  it.each<readonly [name: string, service: GrpcServiceName, target: string]>([
    ['a method', 'auth-service', `${authV1.AuthServiceDefinition.fullName}/Impersonate`],
    ['a method', 'orders-service', `${orders}/Backdoor`],
    ['a method', 'billing-service', `${BILLING}/Refund`],
    ['a health service, which is elsewhere', 'orders-service', 'grpc.health.v1.Health/Check'],
    ['reflection', 'orders-service', 'grpc.reflection.v1.ServerReflection/ServerReflectionInfo'],
    ['a method of another service', 'orders-service', `${BILLING}/ChargeOrder`],
    ['a method in another case', 'orders-service', `${orders}/listproducts`],
  ])('%s: %s does not have %s', async (_, service, target) => {
    const address = sharedCluster().grpcAddresses[service];
    const call = { address, method: unknownRpc(target), request: Buffer.alloc(0) };
    const known = await client.callAs({ ...call, svid: client.svidOf('gateway') });
    await expectCallRefused(known, {
      evidence,
      status: 'UNIMPLEMENTED',
      reason: 'method_unknown',
    });

    const forger = { ...call, svid: client.svidOf('auth-service'), metadata: { 'x-user-id': 'a' } };
    await expectCallRefused(await client.callAs(forger), {
      evidence,
      status: 'PERMISSION_DENIED',
      reason: 'identity_headers_untrusted',
    });
  });
});

describe("auth-service's internal HTTPS face", () => {
  it.each(['auth-service', 'orders-service', 'billing-service'] as const)(
    "refuses %s's own valid certificate",
    async (stranger) => {
      const channel = { svid: client.svidOf(stranger) };
      const response = answered(await getInternal('/.well-known/jwks.json', channel));
      const code = 'caller_not_allowed';
      expect(response).toMatchObject({ status: 403, problem: { code } });
      expectNothingLeaked(response.body);
      const { securityEvents, handledCalls } = await evidence.of(response);
      expect(securityEvents).toMatchObject([{ outcome: 'refused', reason: code }]);
      expect(handledCalls).toEqual([]);
    },
  );
});

describe('a workload that is nearly the gateway', () => {
  it.each([
    ['in another namespace', 'spiffe://sallyport.internal/ns/other/sa/gateway'],
    ['of another kind', 'spiffe://sallyport.internal/ns/sallyport/job/gateway'],
    ['below it', 'spiffe://sallyport.internal/ns/sallyport/sa/gateway/admin'],
    ['in capitals', 'spiffe://sallyport.internal/ns/sallyport/sa/Gateway'],
    ['with a longer name', 'spiffe://sallyport.internal/ns/sallyport/sa/gateway-2'],
    ['with a shorter name', 'spiffe://sallyport.internal/ns/sallyport/sa/gatewa'],
    ['without a namespace', 'spiffe://sallyport.internal/gateway'],
  ])('%s is somebody else', async (_, id) => {
    const ca = await FakeCa.fromDevCa(sharedCluster().certsFolder);
    const outcome = await client.callAs({
      svid: await ca.leaf('gateway').notASpiffeId(id).issue(),
      address: sharedCluster().grpcAddresses['orders-service'],
      method: unknownRpc(`${ordersV1.OrdersServiceDefinition.fullName}/ListProducts`),
      request: Buffer.alloc(0),
    });
    await expectCallRefused(outcome, {
      evidence,
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
    });
  });
});

function refreshTokenOf({ cookie }: Customer): string {
  return cookie.slice(cookie.indexOf('=') + 1);
}
