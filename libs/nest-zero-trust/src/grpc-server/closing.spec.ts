import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import type { ordersV1 } from '@sallyport/contracts';
import { FakeCa } from '@sallyport/testing';
import { AllowCallers, Public, RpcMethod } from '../index';
import { ProbeDefinition, RunningProbe } from '../probe-service.fixture';

const { open } = ProbeDefinition.methods;
const SlowDefinition = { ...ProbeDefinition, methods: { open } } as const;

const arrivals = new EventEmitter();

@Controller()
class SlowController {
  @RpcMethod(SlowDefinition, 'open')
  @AllowCallers('orders-service')
  @Public()
  async open({ id }: ordersV1.GetOrderRequest): Promise<ordersV1.ListOrdersResponse> {
    arrivals.emit(id);
    await delay(Number(id), undefined, { ref: false });
    return { orders: [], nextPageToken: id };
  }
}

describe('a gRPC server that closes', () => {
  let ca: FakeCa;

  beforeAll(async () => {
    ca = await FakeCa.create();
  });

  const start = (closeGraceMs: number) =>
    RunningProbe.start(ca, {
      controller: SlowController,
      definitions: [SlowDefinition],
      closeGraceMs,
    });

  it('lets a call in flight end, and takes no new one', async () => {
    const probe = await start(5000);
    const client = probe.client(await ca.source('orders-service'));
    const arrived = once(arrivals, '300');
    const call = client.open({ id: '300' }, { timeoutMs: 5000 });
    await arrived;
    const closed = probe.app.close();
    const ends: string[] = [];
    void call.then(() => ends.push('call'));
    void closed.then(() => ends.push('server'));
    await expect(call).resolves.toMatchObject({ nextPageToken: '300' });
    await closed;
    expect(ends).toEqual(['call', 'server']);
    await expect(client.open({ id: '1' }, { timeoutMs: 500 })).rejects.toMatchObject({
      status: 'UNAVAILABLE',
    });
    expect(probe.traces.handled).toHaveLength(1);
    await probe.stop();
  });

  it('ends a call that outlasts the grace', async () => {
    const probe = await start(100);
    const arrived = once(arrivals, '60000');
    const call = probe
      .client(await ca.source('orders-service'))
      .open({ id: '60000' }, { timeoutMs: 5000 });
    const ended = expect(call).rejects.toMatchObject({
      status: expect.stringMatching(/^(UNAVAILABLE|CANCELLED)$/),
    });
    await arrived;
    await probe.stop();
    await ended;
  });

  it('takes no connection whose handshake is still under way', async () => {
    const probe = await start(5000);
    const { certificateChainPem: cert, privateKeyPem: key } = await ca.leaf('gateway').issue();
    const socket = connect(probe.port, '127.0.0.1');
    await once(socket, 'connect');
    await probe.app.close();
    const secure = connectTls({
      ...{ socket, cert, key, ca: ca.bundlePem, ALPNProtocols: ['h2'] },
      checkServerIdentity: () => undefined,
    });
    secure.on('error', () => undefined).resume();
    await once(secure, 'close');
    expect(probe.traces.handled).toEqual([]);
    await probe.stop();
  });

  it('closes with idle connections at once', async () => {
    const probe = await start(5000);
    await probe.client(await ca.source('orders-service')).open({ id: '0' }, { timeoutMs: 5000 });
    const began = performance.now();
    await probe.app.close();
    expect(performance.now() - began).toBeLessThan(2000);
    await probe.stop();
  });
});
