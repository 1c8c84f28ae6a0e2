/** @timed Connections age and calls end in milliseconds. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createRpcClient, RPC_STATUS, RpcError, type RpcStatus } from '@sallyport/contracts';
import { runWithCorrelation } from '@sallyport/observability';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { mutualTlsServerOptions, type StaticSvidSource } from '@sallyport/workload-identity';
import { GrpcTransport, ServiceError } from '../index';
import { FAILURES, ProbeDefinition, RunningProbe } from '../probe-service.fixture';

const TIMEOUT = { timeoutMs: 5000 };

describe('a gRPC transport', () => {
  let ca: FakeCa;
  let probe: RunningProbe;
  let orders: StaticSvidSource;

  beforeAll(async () => {
    ca = await FakeCa.create();
    probe = await RunningProbe.start(ca);
    orders = await ca.source('orders-service');
  });
  afterAll(() => probe.stop());
  beforeEach(() => probe.traces.clear());

  const transportTo = (
    port: number,
    peer = 'billing-service',
    events = new RecordedSecurityEvents(),
  ) =>
    new GrpcTransport({
      address: `127.0.0.1:${port}`,
      source: orders,
      peer: ca.spiffeId(peer),
      events,
    });

  const failureOf = async (work: Promise<unknown>): Promise<RpcError> => {
    const error = await work.catch((cause: unknown) => cause);
    if (error instanceof RpcError) return error;
    throw new TypeError('expected an RpcError', { cause: error });
  };

  const openOver = (transport: GrpcTransport, options = TIMEOUT) =>
    createRpcClient(ProbeDefinition, transport).open({ id: 'o-1' }, options);

  it.each(['source', 'peer'])('is not made without a %s', (missing) => {
    const options = { address: 'localhost:1', source: orders, peer: ca.spiffeId('gateway') };
    const broken = { ...options, [missing]: undefined };
    expect(() => new GrpcTransport(broken)).toThrow(TypeError);
  });

  it('refuses a server that is another workload, with one security event', async () => {
    const events = new RecordedSecurityEvents();
    const transport = transportTo(probe.port, 'gateway', events);
    await expect(openOver(transport)).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'unavailable',
    });
    expect(events.all).toEqual([
      expect.objectContaining({ type: 'transport', reason: 'tls_server_unexpected' }),
    ]);
    expect(probe.traces.handled).toEqual([]);
    transport.close();
  });

  it('refuses a server of another CA, with one security event', async () => {
    const stranger = await FakeCa.create();
    const other = await RunningProbe.start(stranger);
    const events = new RecordedSecurityEvents();
    const transport = transportTo(other.port, 'billing-service', events);
    await expect(openOver(transport)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    expect(other.traces.handled).toEqual([]);
    expect(events.refusals).toEqual(['tls_certificate_untrusted']);
    transport.close();
    await other.stop();
  });

  it('refuses a server that speaks no TLS 1.3, with one security event', async () => {
    const { svid, bundle } = await ca.context('billing-service');
    const versions: unknown[] = [];
    const server = createTlsServer(
      {
        ...mutualTlsServerOptions({ svid, bundle }),
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.2',
        ALPNProtocols: ['h2'],
      },
      (socket) => versions.push(socket.getProtocol()),
    ).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const events = new RecordedSecurityEvents();
    const { port } = server.address() as AddressInfo;
    const transport = transportTo(port, 'billing-service', events);
    await expect(openOver(transport)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    expect(versions).toEqual([]);
    expect(events.refusals).toEqual(['tls_version_refused']);
    transport.close();
    server.close();
  });

  it('sends nothing to a server in clear', async () => {
    const received: Buffer[] = [];
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('data', (data) => received.push(data)));
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const transport = transportTo((server.address() as AddressInfo).port);
    await expect(openOver(transport, { timeoutMs: 300 })).rejects.toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      reason: 'deadline_exceeded',
    });
    expect(Buffer.concat(received).toString('latin1')).not.toContain('ProbeService');
    // A TLS record that holds a ClientHello.
    expect(received[0]?.[0]).toBe(0x16);
    transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('leaves no security event where nothing listens', async () => {
    const { port } = await RunningProbe.start(ca).then(async (stopped) => {
      await stopped.stop();
      return stopped;
    });
    const events = new RecordedSecurityEvents();
    const transport = transportTo(port, 'billing-service', events);
    await expect(openOver(transport)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    expect(events.all).toEqual([]);
    transport.close();
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'makes no call with the deadline %p',
    async (timeoutMs) => {
      const transport = transportTo(probe.port);
      await expect(openOver(transport, { timeoutMs })).rejects.toMatchObject({
        reason: 'deadline_missing',
      });
      expect(probe.traces.handled).toEqual([]);
      transport.close();
    },
  );

  it('makes no call with metadata that cannot be sent', async () => {
    const transport = transportTo(probe.port);
    const metadata = { 'x-user-id': 'a\nb' };
    await expect(openOver(transport, { ...TIMEOUT, metadata } as never)).rejects.toMatchObject({
      status: 'INTERNAL',
      reason: 'metadata_invalid',
    });
    transport.close();
  });

  it('makes no call after it was closed', async () => {
    const transport = transportTo(probe.port);
    transport.close();
    await expect(openOver(transport)).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'transport_closed',
    });
  });

  it('gives every replica its share, and those that are left when one is gone', async () => {
    const replicas = await Promise.all([0, 1, 2].map(() => RunningProbe.start(ca)));
    const address = `ipv4:${replicas.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    const peer = ca.spiffeId('billing-service');
    const transport = new GrpcTransport({ address, source: orders, peer });
    const shares = () => replicas.map(({ traces }) => traces.handled.length);
    const until = Date.now() + 4_000;
    while (!shares().every((share) => share > 0) && Date.now() < until) await openOver(transport);
    for (const { traces } of replicas) traces.clear();
    for (let call = 0; call < 9; call++) await openOver(transport);
    expect(shares()).toEqual([3, 3, 3]);

    await replicas[0]?.stop();
    for (const { traces } of replicas) traces.clear();
    for (let call = 0; call < 8; call++) await openOver(transport);
    expect(shares()).toEqual([0, 4, 4]);
    transport.close();
    await Promise.all(replicas.slice(1).map((replica) => replica.stop()));
  });

  it('fails at once while nothing listens, and recovers by itself', async () => {
    const first = await RunningProbe.start(ca);
    const { port } = first;
    await first.stop();
    const transport = transportTo(port);
    const error = await failureOf(openOver(transport));
    expect(error).toMatchObject({ status: 'UNAVAILABLE', reason: 'unavailable' });
    expect(error.cause).toBeInstanceOf(Error);

    const second = await RunningProbe.start(ca, { listen: { host: '127.0.0.1', port } });
    const recovered = async (): Promise<void> => {
      for (let attempt = 0; attempt < 50; attempt++) {
        if (
          await openOver(transport).then(
            () => true,
            () => false,
          )
        )
          return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error('did not recover');
    };
    await recovered();
    transport.close();
    await second.stop();
  });

  it('gives a connection up that has fallen silent, within seconds, and makes another', async () => {
    const silenced = new Set<Socket>();
    const passing: Socket[] = [];
    const proxy = createServer((near) => {
      const far = connect(probe.port, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        passing.push(from.on('error', () => undefined));
        from.on('data', (bytes) => {
          if (!silenced.has(from)) to.write(bytes);
        });
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    const transport = transportTo((proxy.address() as AddressInfo).port);
    await openOver(transport);
    for (const socket of passing) silenced.add(socket);

    const since = performance.now();
    let isAnswered = false;
    while (!isAnswered && performance.now() - since < 20_000) {
      isAnswered = await openOver(transport, { timeoutMs: 1_000 }).then(
        () => true,
        () => false,
      );
    }
    expect(isAnswered).toBe(true);
    expect(performance.now() - since).toBeLessThan(9_000);
    transport.close();
    for (const socket of passing) socket.destroy();
    proxy.close();
  });

  const statuses = Object.keys(RPC_STATUS).filter(
    (status): status is RpcStatus => status !== 'UNKNOWN',
  );

  it.each(statuses)(
    'gives the status %s with the reason of the service, and no detail',
    async (status) => {
      FAILURES['any'] = new ServiceError(status, 'some_reason', 'a detail for the log');
      const error = await failureOf(probe.client(orders).failing({ id: 'any' }, TIMEOUT));
      expect(error).toMatchObject({ status, reason: 'some_reason' });
      expect(`${String(error)} ${String(error.cause)}`).not.toContain('a detail');
      expect(probe.traces.handled).toEqual([expect.objectContaining({ status })]);
      expect(probe.traces.log.join()).toContain('a detail for the log');
    },
  );

  it('carries for how long to wait', async () => {
    FAILURES['any'] = new ServiceError('RESOURCE_EXHAUSTED', 'some_reason', undefined, {
      retryAfterSeconds: 8,
    });
    await expect(probe.client(orders).failing({ id: 'any' }, TIMEOUT)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      retryAfterSeconds: 8,
    });
    FAILURES['any'] = new ServiceError('RESOURCE_EXHAUSTED', 'some_reason');
    const error = await failureOf(probe.client(orders).failing({ id: 'any' }, TIMEOUT));
    expect(error.retryAfterSeconds).toBeUndefined();
  });

  it.each([
    ['a defect', new Error('SELECT * FROM secrets')],
    ['a string', 'SELECT * FROM secrets'],
    ['the status UNKNOWN', new RpcError('UNKNOWN', 'whatever')],
    ['an error that looks like a status', Object.assign(new Error('secrets'), { code: 2 })],
  ])('gives INTERNAL and nothing else for %s', async (_name, thrown) => {
    FAILURES['any'] = thrown;
    const error = await failureOf(probe.client(orders).failing({ id: 'any' }, TIMEOUT));
    expect(error.status).toBe('INTERNAL');
    expect(`${String(error)} ${String(error.cause)}`).not.toContain('secrets');
  });

  it('gives UNAVAILABLE for a database that is gone', async () => {
    FAILURES['any'] = Object.assign(new Error('refused'), { code: 'database_unavailable' });
    await expect(probe.client(orders).failing({ id: 'any' }, TIMEOUT)).rejects.toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'database_unavailable',
    });
  });

  it('passes on the failure of a further call', async () => {
    FAILURES['any'] = new RpcError('ABORTED', 'idempotency_key_reused');
    await expect(probe.client(orders).failing({ id: 'any' }, TIMEOUT)).rejects.toMatchObject({
      status: 'ABORTED',
      reason: 'idempotency_key_reused',
    });
  });

  it('gives INVALID_ARGUMENT for bytes that are no request', async () => {
    const bytes = Buffer.from([0x0a, 0xff, 0xff, 0xff]);
    const call = probe
      .transport(orders)
      .unary('/sallyport.test.v1.ProbeService/Open', bytes, TIMEOUT);
    await expect(call).rejects.toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'request_malformed',
    });
    expect(probe.traces.handled).toEqual([]);
  });

  it('gives RESOURCE_EXHAUSTED for a request above the bound', async () => {
    const id = 'x'.repeat(1_048_576);
    await expect(probe.client(orders).open({ id }, TIMEOUT)).rejects.toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'resource_exhausted',
    });
    expect(probe.traces.handled).toEqual([]);
  });

  it('carries request, answer and correlation id', async () => {
    const answer = await runWithCorrelation('correlation-1', () =>
      probe.client(orders).open({ id: 'o-7' }, TIMEOUT),
    );
    expect(answer.nextPageToken).toBe('o-7 nowhere');
    expect(probe.traces.handled).toEqual([
      {
        target: 'sallyport.test.v1.ProbeService/Open',
        status: 'OK',
        durationMs: expect.any(Number) as number,
        correlationId: 'correlation-1',
        caller: ca.spiffeId('orders-service').toString(),
        callerKind: 'orders-service',
        principal: undefined,
      },
    ]);
  });

  it('gives its correlation id to what the handler starts', async () => {
    const answer = await runWithCorrelation('correlation-2', () =>
      probe.client(orders).own({ id: 'o-7' }, TIMEOUT),
    );
    expect(answer.nextPageToken).toBe('o-7 correlation-2');
    const { nextPageToken } = await probe.client(orders).own({ id: 'o-7' }, TIMEOUT);
    expect(nextPageToken).toMatch(/^o-7 [\w-]{36}$/);
  });

  it('loses no call while both sides rotate their certificates and connections age', async () => {
    const service = await RunningProbe.start(ca, { maxConnectionAgeMs: 150 });
    const source = await ca.source('orders-service');
    const client = service.client(source);
    const run = { isOn: true };
    let calls = 0;
    const caller = async (): Promise<void> => {
      while (run.isOn) {
        await client.open({ id: 'o-1' }, TIMEOUT);
        calls += 1;
      }
    };
    const callers = Promise.all([caller(), caller(), caller(), caller()]).finally(() => {
      run.isOn = false;
    });
    for (let rotation = 0; rotation < 10; rotation++) {
      // As many calls under each certificate on a slow machine as on a fast one.
      const answered = calls + 20;
      do await new Promise((resolve) => setTimeout(resolve, 100));
      while (run.isOn && calls < answered);
      service.source.replace(await ca.context('billing-service'));
      source.replace(await ca.context('orders-service'));
    }
    run.isOn = false;
    await callers;
    expect(calls).toBeGreaterThanOrEqual(200);
    expect(service.traces.events.all).toEqual([]);
    await service.stop();
  });
});
