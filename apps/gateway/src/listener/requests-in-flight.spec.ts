import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RequestsInFlight } from './requests-in-flight';

const LIMITS = { requestsInFlight: 2, requestsInFlightPerAddress: 2, answerMs: 1_000 };

function request(remoteAddress = '192.0.2.1') {
  const socket = Object.assign(new EventEmitter(), { remoteAddress });
  const response = new EventEmitter();
  const pair = [
    { socket } as unknown as IncomingMessage,
    response as unknown as ServerResponse,
  ] as const;
  return { socket, response, pair };
}

it.each<[string, (sent: ReturnType<typeof request>) => void]>([
  ['its answer has been sent', ({ response }) => response.emit('finish')],
  ['its answer is given up', ({ response }) => response.emit('close')],
  [
    'its connection ends, while Node has the answer wait behind another',
    ({ socket }) => socket.emit('close'),
  ],
])('the place of a request is free again, once, when %s', (_name, end) => {
  const inFlight = new RequestsInFlight(LIMITS);
  const sent = request();
  expect(inFlight.takes(...sent.pair)).toBe(true);
  expect(inFlight.takes(...request().pair)).toBe(true);
  expect(inFlight.takes(...request().pair)).toBe(false);

  end(sent);
  expect(inFlight.takes(...request().pair)).toBe(true);
  sent.response.emit('finish');
  sent.response.emit('close');
  sent.socket.emit('close');
  expect(inFlight.takes(...request().pair)).toBe(false);
  expect(sent.socket.listenerCount('close')).toBe(0);
});
