import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { startTestGateway } from '../gateway.fixture';
import { Drain, drainOnClose } from './drain';

it('answers what is in flight, takes nothing new, and is gone at once after that', async () => {
  const gateway = await startTestGateway();
  const { orders } = gateway.transports;
  let release: () => void = () => undefined;
  orders.answer('listProducts', { products: [] });
  orders.delay('listProducts', new Promise<void>((resolve) => (release = resolve)));

  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const answered = get(agent, gateway.port);
  while (orders.calls.length === 0) await pause(5);
  const closed = gateway.close();
  await pause(100);
  await expect(gateway.send({ path: '/products' })).rejects.toThrow('ECONNREFUSED');

  const releasedAt = performance.now();
  release();
  expect(await answered).toBe('{"items":[]}');
  await closed;
  expect(performance.now() - releasedAt).toBeLessThan(2_000);
  agent.destroy();
});

function get(agent: Agent, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ agent, host: '127.0.0.1', port, path: '/products' })
      .once('response', (response) => void text(response).then(resolve, reject))
      .once('error', reject)
      .end();
  });
}

it('cuts what is not answered within the longest time', async () => {
  const server = createServer(() => undefined);
  let preClose: (done: () => void) => void = () => undefined;
  const instance = {
    server,
    addHook: (_name: string, hook: typeof preClose) => (preClose = hook),
  } as unknown as FastifyInstance;
  const drain = new Drain();
  drainOnClose(instance, drain, 100);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(server, 'request');

  preClose(() => undefined);
  expect(drain.isUnderWay).toBe(true);
  const closed = once(server, 'close');
  server.close();
  await closed;
  socket.destroy();
});
