import { randomBytes, randomUUID } from 'node:crypto';
import { ordersV1 } from '@sallyport/contracts';
import { TraceCollector } from '@sallyport/testing';
import type { ReceivedSpan } from '@sallyport/testing';
import { SERVICES } from '../src/cluster-facts';
import { placeOrder, signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { eventually } from '../src/eventually';
import { InternalClient } from '../src/internal-client';
import { needs } from '../src/needs';
import { startOwnCluster } from '../src/own-cluster';
import type { OwnCluster } from '../src/own-cluster';
import { PublicClient } from '../src/public-client';
import { rpcOf } from '../src/rpc';
import { ServiceLog } from '../src/service-log';
import { SpanTree } from '../src/span-tree';

needs('own-cluster');

jest.setTimeout(120_000);

const ORDER = 'gateway server POST /orders';
const CREATE = 'sallyport.orders.v1.OrdersService/CreateOrder';
const CHARGE = 'sallyport.billing.v1.BillingService/ChargeOrder';
const LIST = 'sallyport.orders.v1.OrdersService/ListOrders';

/** A request in the gateway's way with a collector that is away takes no longer than this, on a busy machine. */
const UNHURT_MS = 2_000;

let collector: TraceCollector;
let own: OwnCluster;
let client: PublicClient;
let customer: Customer;

beforeAll(async () => {
  collector = await TraceCollector.start();
  const settings = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'parentbased_always_on',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_BSP_MAX_QUEUE_SIZE: '512',
  };
  own = await startOwnCluster(Object.fromEntries(SERVICES.map((name) => [name, settings])));
  client = new PublicClient(own.facts);
  customer = await signUp(client);
});
afterAll(async () => {
  await own.stop();
  await collector.close();
});

/** The trace that a request began, once `isWhole`. */
async function traceOf(
  correlationId: string,
  isWhole: (tree: SpanTree) => boolean,
): Promise<SpanTree> {
  const find = (spans: readonly ReceivedSpan[]): SpanTree | undefined => {
    const root = spans.find(
      ({ attributes, parentSpanId }) =>
        attributes['sallyport.correlation_id'] === correlationId && parentSpanId === '',
    );
    return root && SpanTree.ofTrace(spans, root.traceId);
  };
  const isThere = (spans: readonly ReceivedSpan[]): boolean => {
    const tree = find(spans);
    return tree !== undefined && isWhole(tree);
  };
  const tree = find(await collector.until(isThere));
  if (tree === undefined) throw new Error('the trace has gone');
  return tree;
}

const listed = (tree: SpanTree): boolean =>
  tree.has(`orders-service server ${LIST}`) && tree.has('orders-service client SELECT orders');

describe('the trace of a request (R6)', () => {
  it('is one for an order, from the gateway to the statements of billing-service', async () => {
    await placeOrder(client, customer);

    const spans = await collector.until((all) =>
      [ORDER, 'billing-service client INSERT charges'].every((label) =>
        new SpanTree(all).has(label),
      ),
    );
    const root = new SpanTree(spans).get(ORDER);
    const tree = SpanTree.ofTrace(spans, root.traceId);
    const toBilling = [
      ORDER,
      `gateway client ${CREATE}`,
      `orders-service server ${CREATE}`,
      `orders-service client ${CHARGE}`,
      `billing-service server ${CHARGE}`,
      'billing-service client INSERT charges',
    ];

    expect(tree.roots).toEqual([root]);
    expect(tree.pathTo(tree.get('billing-service client INSERT charges'))).toEqual(toBilling);
    expect(tree.pathTo(tree.get('orders-service client INSERT orders'))).toEqual([
      ...toBilling.slice(0, 3),
      'orders-service client INSERT orders',
    ]);
    const commands = tree.spans.filter(
      ({ attributes }) => attributes['db.system.name'] === 'redis',
    );
    expect(commands.map((span) => tree.pathTo(span)[0])).toContain(ORDER);
    expect(root.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 201,
    });
    expect(root.links).toEqual([]);
  });

  it('is named in the log of every service it went through', async () => {
    const answer = await client.send({ path: '/orders', accessToken: customer.accessToken });
    const correlationId = answer.correlationId;
    const tree = await traceOf(correlationId, listed);

    for (const service of ['gateway', 'orders-service'] as const) {
      const log = new ServiceLog(own.facts.logFiles[service]);
      const lines = await eventually(
        () =>
          Promise.resolve(log.lines().filter((line) => line['correlationId'] === correlationId)),
        (found) => found.length > 0,
      );
      expect(lines.map((line) => line['traceId'])).toEqual(lines.map(() => tree.spans[0]?.traceId));
    }
  });

  it('is its own whatever a client says of traces, and what the client says is linked at most', async () => {
    const spoofed = {
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      state: `vendor=${randomUUID()}`,
      baggage: `user=${randomUUID()}`,
    };
    const answer = await client.send({
      path: '/orders',
      accessToken: customer.accessToken,
      headers: [
        ['Traceparent', `00-${spoofed.traceId}-${spoofed.spanId}-01`],
        ['Tracestate', spoofed.state],
        ['Baggage', spoofed.baggage],
        ['B3', `${spoofed.traceId}-${spoofed.spanId}-1`],
      ],
    });
    const tree = await traceOf(answer.correlationId, listed);

    expect(answer.status).toBe(200);
    const [root] = tree.roots;
    expect(root?.links).toEqual([{ traceId: spoofed.traceId, spanId: spoofed.spanId }]);
    expect(collector.spans.map(({ traceId }) => traceId)).not.toContain(spoofed.traceId);
    expect(collector.spans.map(({ parentSpanId }) => parentSpanId)).not.toContain(spoofed.spanId);
    expect(collector.spans.filter(({ traceState }) => traceState !== '')).toEqual([]);
    expect(collector.text).not.toContain(spoofed.state.split('=')[1]);
    expect(collector.text).not.toContain(spoofed.baggage.split('=')[1]);
  });

  it.each([
    ['a flag it cannot have', (id: string) => [`00-${id}-${'0'.repeat(16)}-01`]],
    [
      'two values',
      (id: string) => [`00-${id}-00f067aa0ba902b7-01`, `00-${id}-00f067aa0ba902b7-00`],
    ],
    ['too much of it', (id: string) => [`00-${id}-00f067aa0ba902b7-01-${'a'.repeat(200)}`]],
  ])('does not even link to a traceparent with %s', async (_what, presented) => {
    const answer = await client.send({
      path: '/orders',
      accessToken: customer.accessToken,
      headers: presented(randomBytes(16).toString('hex')).map((value) => ['Traceparent', value]),
    });
    const tree = await traceOf(answer.correlationId, listed);

    expect(answer.status).toBe(200);
    expect(tree.roots[0]?.links).toEqual([]);
  });

  it('tells no password, token, cookie, key, query or id of a person', async () => {
    const word = (): string => randomBytes(18).toString('base64url');
    const planted = { password: word(), token: word(), cookie: word(), key: word(), query: word() };
    const email = `traced-${word()}@example.com`;
    const answers = await Promise.all([
      client.send({
        method: 'POST',
        path: '/auth/login',
        json: { email, password: planted.password },
      }),
      client.send({ path: '/orders', accessToken: planted.token }),
      client.send({
        method: 'POST',
        path: '/auth/refresh',
        headers: [['Cookie', `__Secure-sallyport-refresh=${planted.cookie}`]],
      }),
      client.send({ path: '/orders', headers: [['X-API-Key', planted.key]] }),
      client.send({
        path: `/orders?cursor=${planted.query}`,
        accessToken: customer.accessToken,
        headers: [['User-Agent', 'planted-agent/1.0']],
      }),
      client.send({ path: `/nowhere/${planted.query}`, accessToken: customer.accessToken }),
    ]);
    const [, , , , , nowhere] = answers;
    await Promise.all(answers.map((answer) => traceOf(answer.correlationId, () => true)));

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 400, 404]);
    const tree = await traceOf(nowhere.correlationId, () => true);
    expect(tree.roots[0]?.name).toBe('GET');
    const { accessToken, userId, sessionId } = customer;
    const everywhere = [...Object.values(planted), email, 'planted-agent', customer.email];
    for (const secret of [...everywhere, userId, sessionId, ...accessToken.split('.').slice(1)]) {
      expect(collector.text).not.toContain(secret);
    }
  });

  it('is continued, and kept, as a verified workload says', async () => {
    const asGateway = async (flags: '00' | '01') => {
      const traceId = randomBytes(16).toString('hex');
      const inside = new InternalClient(own.facts);
      const outcome = await inside.callAs({
        svid: inside.svidOf('gateway'),
        address: own.facts.grpcAddresses['orders-service'],
        method: rpcOf(ordersV1.OrdersServiceDefinition, 'listProducts'),
        request: {},
        metadata: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-${flags}` },
      });
      expect(outcome).toMatchObject({ status: 'OK' });
      return traceId;
    };
    const [unkept, kept] = [await asGateway('00'), await asGateway('01')];
    const spans = await collector.until((all) => all.some(({ traceId }) => traceId === kept));

    expect(spans.map(({ traceId }) => traceId)).not.toContain(unkept);
  });

  // Last: the collector does not come back.
  it('costs no request anything when the collector is away, and one line in the log', async () => {
    await collector.close();
    const log = new ServiceLog(own.facts.logFiles.gateway);
    const warnings = () => log.lines().filter(({ event }) => event === 'traces_not_delivered');
    const took: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      const since = performance.now();
      const { status } = await client.send({
        path: '/orders',
        accessToken: customer.accessToken,
      });
      took.push(performance.now() - since);
      expect(status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }

    expect(Math.max(...took)).toBeLessThan(UNHURT_MS);
    await eventually(
      () => Promise.resolve(warnings()),
      (found) => found.length > 0,
    );
    expect(warnings()).toHaveLength(1);
  });
});
