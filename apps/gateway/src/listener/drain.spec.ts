import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { startTestGateway } from '../gateway.fixture';

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
