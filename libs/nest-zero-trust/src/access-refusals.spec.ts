import type { RpcError } from '@sallyport/contracts';
import {
  encodeIdentityHeaders,
  TransactionTokenMinter,
  WorkloadTransactionMinter,
  type Principal,
} from '@sallyport/principal';
import { FakeCa } from '@sallyport/testing';
import type { SvidSource } from '@sallyport/workload-identity';
import { ProbeDefinition, RunningProbe } from './probe-service.fixture';

const alice: Principal = {
  id: 'alice',
  type: 'user',
  scopes: new Set(['orders:read', 'orders:write']),
};

type Method = keyof typeof ProbeDefinition.methods;

describe('access control of a service', () => {
  let ca: FakeCa;
  let probe: RunningProbe;
  const sources = new Map<string, SvidSource>();
  const headers = encodeIdentityHeaders(alice);

  beforeAll(async () => {
    ca = await FakeCa.create();
    probe = await RunningProbe.start(ca);
    for (const service of ['gateway', 'orders-service', 'auth-service']) {
      sources.set(service, await ca.source(service));
    }
  });
  afterAll(() => probe.stop());
  beforeEach(() => probe.traces.clear());

  const sourceOf = (service: string): SvidSource => {
    const source = sources.get(service);
    if (!source) throw new TypeError(service);
    return source;
  };

  const call = (caller: string, method: Method, metadata: Record<string, string> = {}) =>
    probe.client(sourceOf(caller))[method]({ id: 'o-1' }, { timeoutMs: 5000, metadata });

  /** Tokens as the gateway mints them, with one thing changed. */
  const mint = (change: { by?: string; principal?: Principal; agoSeconds?: number } = {}): string =>
    new TransactionTokenMinter({
      source: sourceOf(change.by ?? 'gateway'),
      trustDomain: ca.trustDomain,
      clock: () => new Date(probe.clock.now().getTime() - (change.agoSeconds ?? 0) * 1000),
    }).mint({
      principal: change.principal ?? alice,
      context: { method: 'POST', route: '/orders', clientAddress: '192.0.2.1' },
    });

  /** Tokens of a transaction of orders-service as the token service mints them, with one thing changed. */
  const begin = (change: { by?: string; scope?: string; agoSeconds?: number } = {}): string => {
    const workload = ca.spiffeId('orders-service');
    const now = Math.floor(probe.clock.now().getTime() / 1000);
    const issuedAt = now - (change.agoSeconds ?? 0);
    return new WorkloadTransactionMinter({
      source: sourceOf(change.by ?? 'auth-service'),
      trustDomain: ca.trustDomain,
    }).mint({
      ...{ txn: 'txn-1', workload, requestingWorkloads: [workload], job: 'settle-orders' },
      ...{ scopes: new Set([change.scope ?? 'charges:void']) },
      ...{ issuedAt, expiresAt: issuedAt + 60 },
    });
  };

  const reader: Principal = { ...alice, scopes: new Set(['orders:read']) };

  interface Refused {
    readonly refusal: string;
    readonly caller: string;
    readonly method: Method;
    readonly metadata?: () => Record<string, string>;
    readonly status: RpcError['status'];
    readonly reason: string;
    readonly type: string;
    /** The same call done right. */
    readonly twin: { readonly caller?: string; readonly metadata?: () => Record<string, string> };
  }

  const table: readonly Refused[] = [
    {
      refusal: 'a workload that the method does not name',
      caller: 'auth-service',
      method: 'open',
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
      type: 'authorization',
      twin: { caller: 'orders-service' },
    },
    {
      refusal: "the gateway's certificate on a method that names only orders-service",
      caller: 'gateway',
      method: 'own',
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
      type: 'authorization',
      twin: { caller: 'orders-service' },
    },
    ...['x-user-id', 'x_user_id', 'x.user.id', 'x-user_scopes', 'x-principal-type'].map(
      (name): Refused => ({
        refusal: `${name} from another workload than the gateway`,
        caller: 'orders-service',
        method: 'personal',
        metadata: () => ({ 'txn-token': mint(), [name]: 'mallory' }),
        status: 'PERMISSION_DENIED',
        reason: 'identity_headers_untrusted',
        type: 'authorization',
        twin: { metadata: () => ({ 'txn-token': mint() }) },
      }),
    ),
    {
      refusal: 'an alias of an identity header from the gateway itself',
      caller: 'gateway',
      method: 'personal',
      metadata: () => ({ ...headers, x_user_id: 'mallory' }),
      status: 'PERMISSION_DENIED',
      reason: 'identity_headers_untrusted',
      type: 'authorization',
      twin: { metadata: () => headers },
    },
    {
      refusal: 'the gateway without identity headers',
      caller: 'gateway',
      method: 'personal',
      status: 'UNAUTHENTICATED',
      reason: 'identity_header_missing',
      type: 'authentication',
      twin: { metadata: () => headers },
    },
    {
      refusal: 'the gateway with a transaction token alone',
      caller: 'gateway',
      method: 'personal',
      metadata: () => ({ 'txn-token': mint() }),
      status: 'UNAUTHENTICATED',
      reason: 'identity_header_missing',
      type: 'authentication',
      twin: { metadata: () => ({ ...headers, 'txn-token': mint() }) },
    },
    {
      refusal: 'two users in one header',
      caller: 'gateway',
      method: 'personal',
      metadata: () => ({ ...headers, 'x-user-id': 'alice, mallory' }),
      status: 'UNAUTHENTICATED',
      reason: 'identity_header_duplicated',
      type: 'authentication',
      twin: { metadata: () => headers },
    },
    {
      refusal: 'a type of principal that does not exist',
      caller: 'gateway',
      method: 'personal',
      metadata: () => ({ ...headers, 'x-principal-type': 'root' }),
      status: 'UNAUTHENTICATED',
      reason: 'identity_header_malformed',
      type: 'authentication',
      twin: { metadata: () => headers },
    },
    {
      refusal: 'another workload without a transaction token',
      caller: 'orders-service',
      method: 'personal',
      status: 'UNAUTHENTICATED',
      reason: 'txn_token_missing',
      type: 'token',
      twin: { metadata: () => ({ 'txn-token': mint() }) },
    },
    {
      refusal: 'two transaction tokens',
      caller: 'orders-service',
      method: 'personal',
      metadata: () => ({ 'txn-token': `${mint()}, ${mint()}` }),
      status: 'UNAUTHENTICATED',
      reason: 'txn_token_duplicated',
      type: 'token',
      twin: { metadata: () => ({ 'txn-token': mint() }) },
    },
    {
      refusal: "a transaction token by orders-service's key",
      caller: 'orders-service',
      method: 'personal',
      metadata: () => ({ 'txn-token': mint({ by: 'orders-service' }) }),
      status: 'UNAUTHENTICATED',
      reason: 'txn_token_issuer_wrong',
      type: 'token',
      twin: { metadata: () => ({ 'txn-token': mint() }) },
    },
    {
      refusal: 'an expired transaction token',
      caller: 'orders-service',
      method: 'personal',
      metadata: () => ({ 'txn-token': mint({ agoSeconds: 120 }) }),
      status: 'UNAUTHENTICATED',
      reason: 'txn_token_expired',
      type: 'token',
      twin: { metadata: () => ({ 'txn-token': mint({ agoSeconds: 10 }) }) },
    },
    {
      refusal: 'a user of the gateway who lacks a scope',
      caller: 'gateway',
      method: 'scoped',
      metadata: () => encodeIdentityHeaders(reader),
      status: 'PERMISSION_DENIED',
      reason: 'insufficient_scope',
      type: 'authorization',
      twin: { metadata: () => headers },
    },
    {
      refusal: 'a forwarded user who lacks a scope',
      caller: 'orders-service',
      method: 'scoped',
      metadata: () => ({ 'txn-token': mint({ principal: reader }) }),
      status: 'PERMISSION_DENIED',
      reason: 'insufficient_scope',
      type: 'authorization',
      twin: { metadata: () => ({ 'txn-token': mint() }) },
    },
    {
      refusal: 'a transaction of a workload on a method for workloads without one',
      caller: 'orders-service',
      method: 'own',
      metadata: () => ({ 'txn-token': begin() }),
      status: 'PERMISSION_DENIED',
      reason: 'user_not_accepted',
      type: 'authorization',
      twin: {},
    },
    ...(['personal', 'scoped', 'forwarded'] as const).map((method): Refused => ({
      refusal: `a transaction of a workload on ${method}, which is for a principal`,
      caller: 'orders-service',
      method,
      metadata: () => ({ 'txn-token': begin({ scope: 'orders:read' }) }),
      status: 'PERMISSION_DENIED',
      reason: 'workload_not_accepted',
      type: 'authorization',
      twin: { metadata: () => ({ 'txn-token': mint() }) },
    })),
    ...(
      [
        ['no token', () => ({}), 'UNAUTHENTICATED', 'txn_token_missing', 'token'],
        [
          'two tokens',
          () => ({ 'txn-token': `${begin()}, ${begin()}` }),
          'UNAUTHENTICATED',
          'txn_token_duplicated',
          'token',
        ],
        [
          "a token by the workload's own key",
          () => ({ 'txn-token': begin({ by: 'orders-service' }) }),
          'UNAUTHENTICATED',
          'txn_token_issuer_wrong',
          'token',
        ],
        [
          "a token by the gateway's key",
          () => ({ 'txn-token': begin({ by: 'gateway' }) }),
          'UNAUTHENTICATED',
          'txn_token_issuer_wrong',
          'token',
        ],
        [
          "a user's token by the token service's key",
          () => ({ 'txn-token': mint({ by: 'auth-service' }) }),
          'UNAUTHENTICATED',
          'txn_token_issuer_wrong',
          'token',
        ],
        [
          'an expired token',
          () => ({ 'txn-token': begin({ agoSeconds: 120 }) }),
          'UNAUTHENTICATED',
          'txn_token_expired',
          'token',
        ],
        [
          "a user's token",
          () => ({ 'txn-token': mint() }),
          'PERMISSION_DENIED',
          'user_not_accepted',
          'authorization',
        ],
        [
          'a token without the scope',
          () => ({ 'txn-token': begin({ scope: 'charges:resolve' }) }),
          'PERMISSION_DENIED',
          'insufficient_scope',
          'authorization',
        ],
      ] as const
    ).map(([name, metadata, status, reason, type]): Refused => ({
      refusal: `${name} on a method for transactions of workloads`,
      ...{ caller: 'orders-service', method: 'begun', metadata, status, reason, type },
      twin: { metadata: () => ({ 'txn-token': begin() }) },
    })),
    {
      refusal: "a user by the gateway's headers on a method for transactions of workloads",
      caller: 'gateway',
      method: 'begun',
      metadata: () => ({ ...headers, 'txn-token': begin() }),
      status: 'PERMISSION_DENIED',
      reason: 'user_not_accepted',
      type: 'authorization',
      twin: { caller: 'orders-service', metadata: () => ({ 'txn-token': begin() }) },
    },
    {
      refusal: 'a user on a method for workloads',
      caller: 'orders-service',
      method: 'own',
      metadata: () => ({ 'txn-token': mint() }),
      status: 'PERMISSION_DENIED',
      reason: 'user_not_accepted',
      type: 'authorization',
      twin: {},
    },
  ];

  it.each(table)('refuses $refusal', async (row) => {
    const { caller, method, metadata, status, reason, type, twin } = row;
    await expect(call(caller, method, metadata?.())).rejects.toMatchObject({ status, reason });
    const correlationId = expect.any(String) as unknown;
    expect(probe.traces.events.all).toEqual([
      expect.objectContaining({
        ...{ type, outcome: 'refused', reason, correlationId },
        caller: ca.spiffeId(caller).toString(),
        target: `sallyport.test.v1.ProbeService/${ProbeDefinition.methods[method].name}`,
        clientAddress: '127.0.0.1',
      }),
    ]);
    expect(probe.traces.handled).toEqual([]);

    probe.traces.clear();
    await call(twin.caller ?? caller, method, twin.metadata?.());
    expect(probe.traces.events.all).toEqual([]);
    expect(probe.traces.handled).toEqual([expect.objectContaining({ status: 'OK' })]);
  });

  it('tells the handler and the log of the transaction a workload has begun', async () => {
    const workload = ca.spiffeId('orders-service').toString();
    const { nextPageToken } = await call('orders-service', 'begun', { 'txn-token': begin() });
    expect(nextPageToken).toBe(`${workload} settle-orders ${workload}`);
    expect(probe.traces.handled).toEqual([
      expect.objectContaining({ principal: workload, txn: 'txn-1', job: 'settle-orders' }),
    ]);
  });
});
