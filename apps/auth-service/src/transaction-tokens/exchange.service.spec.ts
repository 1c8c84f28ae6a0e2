import { createLogger } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { WorkloadAssertionSigner } from '@sallyport/principal';
import { FakeCa, FakeClock, RecordedSecurityEvents } from '@sallyport/testing';
import { openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { ArtifactsRepository } from '../oauth/artifacts.repository';
import { STRICT_SESSION_POLICY } from '../sessions/session-policy';
import type { ExchangeError, ExchangeRefusalReason } from './exchange-refused';
import type { ExchangeRequest } from './exchange-request';
import { claimsOf, userTransactionToken, workloadTransactionToken } from './exchange.fixture';
import { ExchangeService } from './exchange.service';
import { TransactionTrust } from './transaction-trust';
import { DECLARED_JOBS } from './workload-jobs';

let database: Database<AuthTables>;
let ca: FakeCa;
beforeAll(async () => {
  database = await openAuthDatabase();
  ca = await FakeCa.create();
});
afterAll(() => database.close());

async function setUp() {
  const clock = new FakeClock(new Date());
  const events = new RecordedSecurityEvents();
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const workload = { trustDomain: ca.trustDomain, namespace: 'sallyport', gateway: 'gateway' };
  const source = await ca.source('auth-service');
  const exchanges = new ExchangeService(
    new TransactionTrust({ source, workload, clock: clock.now }),
    new ArtifactsRepository(database, STRICT_SESSION_POLICY, clock.now),
    DECLARED_JOBS,
    clock.now,
    events,
    createLogger({ service: 'auth-service', level: 'info', destination }),
  );
  const assertionOf = async (service: string) =>
    new WorkloadAssertionSigner(await ca.source(service), clock.now).sign(
      ca.spiffeId('auth-service'),
    );
  const begin = async (
    change: { job?: string; scope?: string; by?: string } = {},
  ): Promise<ExchangeRequest> => ({
    kind: 'begin',
    presentedToken: await assertionOf(change.by ?? 'orders-service'),
    scopes: new Set((change.scope ?? 'charges:void').split(' ')),
    job: change.job ?? 'settle-orders',
  });
  const replace = (presentedToken: string, scope = 'charges:void'): ExchangeRequest => ({
    kind: 'replace',
    presentedToken,
    scopes: new Set(scope.split(' ')),
  });
  const exchange = (request: ExchangeRequest, caller = 'orders-service') =>
    exchanges.exchange(ca.spiffeId(caller), request);
  return { clock, events, lines, begin, replace, exchange, assertionOf };
}

type World = Awaited<ReturnType<typeof setUp>>;
type Case = readonly [
  name: string,
  caller: string,
  error: ExchangeError,
  reason: ExchangeRefusalReason,
  request: (world: World) => Promise<ExchangeRequest>,
];

const replacing =
  (change: Parameters<typeof workloadTransactionToken>[2], scope?: string) =>
  async ({ replace, clock }: World) =>
    replace(await workloadTransactionToken(ca, clock.now(), change), scope);

const REFUSED: readonly Case[] = [
  [
    'a workload that begins nothing',
    'billing-service',
    'unauthorized_client',
    'workload_undeclared',
    ({ begin }) => begin({ by: 'billing-service' }),
  ],
  [
    "another workload's assertion",
    'orders-service',
    'invalid_request',
    'assertion_issuer_wrong',
    ({ begin }) => begin({ by: 'billing-service' }),
  ],
  [
    'a transaction token as an assertion',
    'orders-service',
    'invalid_request',
    'assertion_type_wrong',
    async ({ begin, clock }) => ({
      ...(await begin()),
      presentedToken: await workloadTransactionToken(ca, clock.now()),
    }),
  ],
  [
    'a job it does not have',
    'orders-service',
    'unauthorized_client',
    'job_undeclared',
    ({ begin }) => begin({ job: 'refund-all' }),
  ],
  [
    'a job by the name of what every object has',
    'orders-service',
    'unauthorized_client',
    'job_undeclared',
    ({ begin }) => begin({ job: 'constructor' }),
  ],
  [
    'a scope the job does not have',
    'orders-service',
    'invalid_scope',
    'scope_undeclared',
    ({ begin }) => begin({ job: 'cancel-order', scope: 'charges:void charges:resolve' }),
  ],
  [
    'a scope of users',
    'orders-service',
    'invalid_scope',
    'scope_undeclared',
    ({ begin }) => begin({ scope: 'billing:refund' }),
  ],
  [
    "a user's transaction",
    'orders-service',
    'invalid_request',
    'txn_token_of_principal',
    async ({ replace, clock }) => replace(await userTransactionToken(ca, clock.now)),
  ],
  [
    'an assertion as a transaction token',
    'orders-service',
    'invalid_request',
    'txn_token_type_wrong',
    async ({ replace, assertionOf }) => replace(await assertionOf('orders-service')),
  ],
  [
    "a token by the workload's own key",
    'orders-service',
    'invalid_request',
    'txn_token_issuer_wrong',
    replacing({ signer: 'orders-service' }),
  ],
  [
    "a token by the gateway's key",
    'orders-service',
    'invalid_request',
    'txn_token_issuer_wrong',
    replacing({ signer: 'gateway' }),
  ],
  [
    'the token of a transaction of another workload',
    'billing-service',
    'invalid_request',
    'txn_token_of_another_workload',
    replacing({}),
  ],
  [
    'more than the token has',
    'orders-service',
    'invalid_scope',
    'scope_widened',
    replacing({ scopes: new Set(['charges:void']) }, 'charges:void charges:resolve'),
  ],
  [
    'what the table no longer allows',
    'orders-service',
    'unauthorized_client',
    'job_undeclared',
    replacing({ job: 'long-gone' }),
  ],
  [
    'a scope the table no longer allows',
    'orders-service',
    'invalid_scope',
    'scope_undeclared',
    replacing({ scopes: new Set(['long:gone']) }, 'long:gone'),
  ],
];

describe('ExchangeService refuses', () => {
  it.each(REFUSED)('%s (%s): %s %s', async (_name, caller, error, reason, request) => {
    const world = await setUp();
    await expect(world.exchange(await request(world), caller)).rejects.toMatchObject({
      error,
      reason,
    });
    expect(world.events.all).toEqual([]);
    expect(world.lines).toEqual([]);
  });

  it('an assertion that was presented before, whatever became of the request', async () => {
    const { begin, exchange } = await setUp();
    const accepted = await begin();
    await exchange(accepted);
    const refused = await begin({ scope: 'billing:refund' });
    await expect(exchange(refused)).rejects.toMatchObject({ reason: 'scope_undeclared' });
    for (const again of [accepted, { ...refused, scopes: new Set(['charges:void']) }]) {
      await expect(exchange(again)).rejects.toMatchObject({
        error: 'invalid_request',
        reason: 'assertion_replayed',
      });
    }
  });

  it('all but one of twenty that present the same assertion at once', async () => {
    const { begin, exchange, events } = await setUp();
    const request = await begin();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => exchange(request)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(events.all).toHaveLength(1);
  });

  it('to replace what is over, though a verifier would still take it', async () => {
    const { replace, exchange, clock } = await setUp();
    const token = await workloadTransactionToken(ca, clock.now());
    clock.advance({ seconds: 60 });
    await expect(exchange(replace(token))).rejects.toMatchObject({ reason: 'txn_token_expired' });
  });

  it('to replace without end', async () => {
    const { replace, exchange, clock } = await setUp();
    let token = await workloadTransactionToken(ca, clock.now());
    for (let count = 0; count < 7; count += 1) ({ token } = await exchange(replace(token)));
    await expect(exchange(replace(token))).rejects.toMatchObject({
      reason: 'txn_token_replaced_too_often',
    });
  });
});

describe('ExchangeService', () => {
  it('begins a transaction of the caller, and leaves a trace without the token', async () => {
    const { begin, exchange, events, lines, clock } = await setUp();
    const orders = ca.spiffeId('orders-service').toString();
    const { token, expiresIn } = await exchange(await begin({ scope: 'charges:resolve' }));
    const now = Math.floor(clock.now().getTime() / 1000);
    const claims = claimsOf(token);
    expect(claims).toEqual({
      ...{ aud: 'sallyport.internal', iat: now, exp: now + 60 },
      txn: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      ...{ sub: orders, scope: 'charges:resolve', req_wl: orders },
      ...{ tctx: { principal_type: 'workload' }, rctx: { job: 'settle-orders' } },
    });
    expect(expiresIn).toBe(60);
    expect(events.all).toEqual([
      expect.objectContaining({
        ...{ type: 'token', outcome: 'succeeded', reason: 'txn_token_issued', caller: orders },
      }),
    ]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      ...{ event: 'txn_token_issued', txn: claims['txn'], job: 'settle-orders', workload: orders },
    });
    expect(lines[0]).not.toContain(token.split('.')[2]);
  });

  it('replaces a token by a narrower one that ends when the first does, however often', async () => {
    const { begin, replace, exchange, clock, events } = await setUp();
    const orders = ca.spiffeId('orders-service').toString();
    const first = claimsOf(
      (await exchange(await begin({ scope: 'charges:resolve charges:void' }))).token,
    );
    let { token } = await exchange(await begin({ scope: 'charges:resolve charges:void' }));
    const begun = claimsOf(token);
    expect(begun['txn']).not.toBe(first['txn']);
    for (const seconds of [20, 40]) {
      clock.advance({ seconds: 20 });
      const replacement = await exchange(replace(token));
      ({ token } = replacement);
      expect(replacement.expiresIn).toBe(60 - seconds);
      expect(claimsOf(token)).toMatchObject({
        ...{ txn: begun['txn'], sub: begun['sub'], aud: begun['aud'], exp: begun['exp'] },
        ...{ scope: 'charges:void', iat: Number(begun['iat']) + seconds },
      });
    }
    expect(claimsOf(token)['req_wl']).toBe([orders, orders, orders].join());
    expect(events.all.map(({ reason }) => reason)).toEqual([
      'txn_token_issued',
      'txn_token_issued',
      'txn_token_replaced',
      'txn_token_replaced',
    ]);
  });
});
