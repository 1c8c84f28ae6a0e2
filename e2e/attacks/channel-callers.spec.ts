import { authV1, billingV1, ordersV1 } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import { SERVICES, sharedCluster } from '../src/cluster-facts';
import type { GrpcServiceName } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import { Evidence } from '../src/evidence';
import { InternalClient } from '../src/internal-client';
import type { Channel } from '../src/internal-targets';
import { answered, getInternal } from '../src/internal-https';
import { EVIDENCE, needs } from '../src/needs';
import { newOperator } from '../src/operators';
import { PublicClient } from '../src/public-client';
import {
  expectCallRefused,
  expectDecided,
  expectNothingLeaked,
  expectPassed,
} from '../src/refusal.expectations';
import { unknownRpc } from '../src/rpc';
import type { World } from '../src/rpc-access/access';
import { CALLABLE_SERVICES } from '../src/rpc-access/callable-services';
import type { CallableRpc } from '../src/rpc-access/callable-services';

needs(...EVIDENCE, 'databases');

const BILLING = billingV1.BillingServiceDefinition.fullName;

const evidence = new Evidence();
const client = new InternalClient();
let world: World;
beforeAll(async () => {
  const outside = new PublicClient();
  const [customer, leaver, changer, operator] = await Promise.all([
    signUp(outside),
    signUp(outside),
    signUp(outside),
    newOperator(outside),
  ]);
  const { accessToken } = operator;
  const path = '/admin/keys/prepare';
  const prepared = await outside.send({ method: 'POST', path, accessToken });
  // By now, or by another spec before.
  expect([201, 409]).toContain(prepared.status);
  world = { customer, leaver, changer, operator, order: await placeOrder(outside, customer) };
});

describe.each(CALLABLE_SERVICES)('$fullName', ({ service, rpcs }) => {
  const address = sharedCluster().grpcAddresses[service];

  /** Well-formed but for who calls: with the user, where the rightful caller brings one. */
  const callAs = (channel: Channel, { rpc, access }: CallableRpc) =>
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
      const handled = [rpc.target, ...(access.beyond ?? [])];
      if (access.decision) {
        await expectDecided(outcome, { evidence, handled, ...access.decision });
      } else {
        await expectPassed(outcome, { evidence, handled });
      }
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
