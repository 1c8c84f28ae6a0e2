import { randomUUID } from 'node:crypto';
import { billingV1, ordersV1 } from '@sallyport/contracts';
import type { RpcStatus } from '@sallyport/contracts';
import { IDENTITY_HEADERS } from '@sallyport/principal';
import { sharedCluster } from '../src/cluster-facts';
import type { ServiceName } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { gatewayMetadataFor, identityHeadersFor } from '../src/identity-metadata';
import { InternalClient } from '../src/internal-client';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { expectCallRefused, expectPassed } from '../src/refusal.expectations';
import { rpcOf, unknownRpc } from '../src/rpc';
import { transactionTokenFor, workloadTransactionToken } from '../src/transaction-tokens';

needs(...EVIDENCE);

type Metadata = Readonly<Record<string, string | readonly string[]>>;

const { OrdersServiceDefinition } = ordersV1;
const { BillingServiceDefinition } = billingV1;
const listOrders = rpcOf(OrdersServiceDefinition, 'listOrders');
const chargeOrder = rpcOf(BillingServiceDefinition, 'chargeOrder');
const resolveOrderCharge = rpcOf(BillingServiceDefinition, 'resolveOrderCharge');

const UNTRUSTED = { status: 'PERMISSION_DENIED', reason: 'identity_headers_untrusted' } as const;

/** Under these some server, proxy or framework would read `x-user-id`. */
const SPELLINGS = [
  'x-user-id',
  'X-User-Id',
  'x_user_id',
  'x.user.id',
  'x-user_id',
  'x-user-id-bin',
  'x_user_id-bin',
  'x-user-id-bin-bin',
];

const evidence = new Evidence();
const client = new InternalClient();
const { grpcAddresses } = sharedCluster();
let customer: Customer;
beforeAll(async () => {
  customer = await signUp(new PublicClient());
});

const listOrdersAs = (service: ServiceName, metadata: Metadata) =>
  client.callAs({
    svid: client.svidOf(service),
    address: grpcAddresses['orders-service'],
    method: listOrders,
    request: { pageSize: 1, pageToken: '' },
    metadata,
  });

const chargeOrderAs = (service: ServiceName, metadata: Metadata) =>
  client.callAs({
    svid: client.svidOf(service),
    address: grpcAddresses['billing-service'],
    method: chargeOrder,
    request: { orderId: randomUUID(), total: { amount: 100, currency: 'EUR' } },
    metadata,
  });

const resolveOrderChargeAs = (service: ServiceName, metadata: Metadata) =>
  client.callAs({
    svid: client.svidOf(service),
    address: grpcAddresses['billing-service'],
    method: resolveOrderCharge,
    request: { orderId: randomUUID() },
    metadata,
  });

describe('a workload that is not the gateway, with its own valid certificate', () => {
  it.each(SPELLINGS)('names a user by %s beside a genuine transaction token', async (name) => {
    const value = name.endsWith('-bin') ? 'YWxpY2U=' : customer.userId;
    const metadata = { 'txn-token': transactionTokenFor(customer), [name]: value };
    await expectCallRefused(await chargeOrderAs('orders-service', metadata), {
      evidence,
      ...UNTRUSTED,
    });
  });

  it.each(Object.values(IDENTITY_HEADERS))('sends %s and nothing else', async (name) => {
    const outcome = await chargeOrderAs('orders-service', { [name]: '1' });
    await expectCallRefused(outcome, { evidence, ...UNTRUSTED });
  });

  it.each<readonly [string, ServiceName]>([
    ['orders-service to itself', 'orders-service'],
    ['billing-service back to orders-service', 'billing-service'],
    ['auth-service', 'auth-service'],
  ])('sends all that the gateway would: %s', async (_, service) => {
    const outcome = await listOrdersAs(service, gatewayMetadataFor(customer));
    await expectCallRefused(outcome, { evidence, ...UNTRUSTED });
  });

  it('sends x-user-id twice, in the hope that one is read', async () => {
    const metadata = { 'x-user-id': [customer.userId, 'somebody-else'] };
    await expectCallRefused(await chargeOrderAs('orders-service', metadata), {
      evidence,
      ...UNTRUSTED,
    });
  });

  it('sends an empty x-user-id', async () => {
    const outcome = await chargeOrderAs('orders-service', { 'x-user-id': '' });
    await expectCallRefused(outcome, { evidence, ...UNTRUSTED });
  });

  it.each(['txn_token', 'txn.token', 'txn-token-bin'])(
    'spells the transaction token %s',
    async (name) => {
      const token = transactionTokenFor(customer);
      const value = name.endsWith('-bin') ? Buffer.from(token).toString('base64') : token;
      const outcome = await chargeOrderAs('orders-service', { [name]: value });
      await expectCallRefused(outcome, { evidence, ...UNTRUSTED });
    },
  );

  it.each(SPELLINGS)(
    'names a user by %s behind the message, where nobody reads it',
    async (name) => {
      const value = name.endsWith('-bin') ? 'YWxpY2U=' : customer.userId;
      const outcome = await client.callAs({
        svid: client.svidOf('orders-service'),
        address: grpcAddresses['billing-service'],
        method: chargeOrder,
        request: { orderId: randomUUID(), total: { amount: 100, currency: 'EUR' } },
        trailers: { [name]: value, 'txn-token': transactionTokenFor(customer) },
      });
      await expectCallRefused(outcome, {
        evidence,
        status: 'UNAUTHENTICATED',
        reason: 'txn_token_missing',
      });
    },
  );

  it('names a user to a method that does not exist', async () => {
    const outcome = await client.callAs({
      svid: client.svidOf('orders-service'),
      address: grpcAddresses['billing-service'],
      method: unknownRpc(`${BillingServiceDefinition.fullName}/NoSuchMethod`),
      request: Buffer.alloc(0),
      metadata: identityHeadersFor(customer),
    });
    await expectCallRefused(outcome, { evidence, ...UNTRUSTED });
  });

  it('passes with the transaction token alone', async () => {
    const metadata = { 'txn-token': transactionTokenFor(customer) };
    const outcome = await chargeOrderAs('orders-service', metadata);
    await expectPassed(outcome, { evidence, handled: [chargeOrder.target] });
  });
});

describe('the gateway itself', () => {
  const without = (name: string): Metadata =>
    Object.fromEntries(
      Object.entries(identityHeadersFor(customer)).filter(([key]) => key !== name),
    );
  const withHeader = (name: string, value: string | readonly string[]) => (): Metadata => ({
    ...identityHeadersFor(customer),
    [name]: value,
  });

  it.each<readonly [name: string, reason: string, metadata: () => Metadata]>([
    ['without any', 'identity_header_missing', () => ({})],
    [
      'with a transaction token instead',
      'identity_header_missing',
      () => ({ 'txn-token': transactionTokenFor(customer) }),
    ],
    ['without x-user-id', 'identity_header_missing', () => without('x-user-id')],
    ['without x-principal-type', 'identity_header_missing', () => without('x-principal-type')],
    [
      'with two x-user-id',
      'identity_header_duplicated',
      withHeader('x-user-id', ['alice', 'mallory']),
    ],
    [
      'with two x-user-id in one',
      'identity_header_duplicated',
      withHeader('x-user-id', 'alice,mallory'),
    ],
    [
      'with two x-user-scopes',
      'identity_header_duplicated',
      withHeader('x-user-scopes', ['orders:read', 'keys:manage']),
    ],
    ['with an empty x-user-id', 'identity_header_malformed', withHeader('x-user-id', '')],
    ['with a space in x-user-id', 'identity_header_malformed', withHeader('x-user-id', 'a b')],
    [
      'with scopes that two spaces part',
      'identity_header_malformed',
      withHeader('x-user-scopes', 'orders:read  orders:write'),
    ],
    [
      'with a quoted scope',
      'identity_header_malformed',
      withHeader('x-user-scopes', '"orders:read"'),
    ],
    [
      'with an unknown principal type',
      'identity_header_malformed',
      withHeader('x-principal-type', 'admin'),
    ],
    [
      'with a principal type in capitals',
      'identity_header_malformed',
      withHeader('x-principal-type', 'User'),
    ],
    ['with a time that is none', 'identity_header_malformed', withHeader('x-auth-time', '1e9')],
  ])('is refused %s', async (_, reason, metadata) => {
    await expectCallRefused(await listOrdersAs('gateway', metadata()), {
      evidence,
      status: 'UNAUTHENTICATED',
      reason,
    });
  });

  it.each(['x_user_id', 'x.user.id', 'x-user-id-bin'])('may not spell it %s', async (name) => {
    const outcome = await listOrdersAs('gateway', withHeader(name, 'YWxpY2U=')());
    await expectCallRefused(outcome, { evidence, ...UNTRUSTED });
  });

  it('gives nobody more than their scopes', async () => {
    const outcome = await listOrdersAs('gateway', identityHeadersFor(customer, ['billing:read']));
    await expectCallRefused(outcome, {
      evidence,
      status: 'PERMISSION_DENIED',
      reason: 'insufficient_scope',
    });
  });

  it('is believed with a complete set', async () => {
    const outcome = await listOrdersAs('gateway', gatewayMetadataFor(customer));
    await expectPassed(outcome, { evidence, handled: [listOrders.target] });
  });
});

describe('a method for what a workload has begun', () => {
  it.each<readonly [name: string, status: RpcStatus, reason: string, metadata: () => Metadata]>([
    ['without a token', 'UNAUTHENTICATED', 'txn_token_missing', () => ({})],
    [
      "with a user's token",
      'PERMISSION_DENIED',
      'user_not_accepted',
      () => ({ 'txn-token': transactionTokenFor(customer) }),
    ],
    ['with an empty one', 'UNAUTHENTICATED', 'txn_token_malformed', () => ({ 'txn-token': '' })],
    [
      'with a forged one',
      'UNAUTHENTICATED',
      'txn_token_malformed',
      () => ({ 'txn-token': 'a.b.c' }),
    ],
    [
      'with identity headers',
      'PERMISSION_DENIED',
      'identity_headers_untrusted',
      () => identityHeadersFor(customer),
    ],
    [
      'with identity headers beside its own token',
      'PERMISSION_DENIED',
      'identity_headers_untrusted',
      () => ({ ...identityHeadersFor(customer), 'txn-token': workloadTransactionToken() }),
    ],
  ])('is not called %s', async (_, status, reason, metadata) => {
    const outcome = await resolveOrderChargeAs('orders-service', metadata());
    await expectCallRefused(outcome, { evidence, status, reason });
  });

  it("is called with a token of the workload's own transaction", async () => {
    const metadata = { 'txn-token': workloadTransactionToken() };
    const outcome = await resolveOrderChargeAs('orders-service', metadata);
    await expectPassed(outcome, { evidence, handled: [resolveOrderCharge.target] });
  });
});
