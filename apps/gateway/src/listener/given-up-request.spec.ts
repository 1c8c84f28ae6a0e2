import { once } from 'node:events';
import { connect } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { startTestGateway, type TestGateway } from '../gateway.fixture';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

/** Sends the head of a request and half of its body, then goes. */
async function giveUp(end: 'end' | 'destroy'): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: gateway.port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write(
    [
      'POST /auth/login HTTP/1.1',
      'Host: gateway.example',
      'Content-Type: application/json',
      'Content-Length: 100',
      '',
      '{"email":"ada@ex',
    ].join('\r\n'),
  );
  await delay(50);
  socket[end]();
  await delay(50);
  socket.destroy();
}

it.each(['end', 'destroy'] as const)(
  'a client that gives up in the middle of its body (%s) is no defect',
  async (end) => {
    gateway.reset();
    await giveUp(end);
    const log = () => gateway.log.join('');
    while (!log().includes('client_closed_request')) await delay(10);
    expect(log()).not.toMatch(/"defect"|"level":"error"/);
    expect(gateway.upstreamCalls()).toEqual([]);
  },
);
