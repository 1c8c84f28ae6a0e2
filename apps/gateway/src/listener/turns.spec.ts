import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { TrustedHops } from '@sallyport/client-address';
import { Drain } from './drain';
import { get, startTestListener, statusesIn, type TestListener } from './public-server.fixture';

const CONNECT = 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n';
const VALID = 'POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}';

let listener: TestListener;
const listen = async (...options: Parameters<typeof startTestListener>): Promise<void> => {
  listener = await startTestListener(...options);
};
afterEach(() => {
  listener.close();
});

describe('a request behind a refused one is not handled', () => {
  it.each<[string, string, number]>([
    ['with a path of two readings', get('//'), 400],
    ['with two hosts', get('/', 'Host: b'), 400],
    ['with an identity', get('/', 'X-User-Id: a'), 400],
    ['of HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n', 505],
    ['with an expectation', get('/', 'Expect: miracles'), 417],
    ['with an odd length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 02\r\n\r\n{}', 400],
    ['with a body for GET', get('/', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 400],
    ['for a tunnel', CONNECT, 405],
    ['that is malformed', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
  ])('%s', async (_name, refused, status) => {
    await listen();
    for (const behind of [VALID, VALID.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n')]) {
      expect(statusesIn(await listener.exchange(refused + behind))).toEqual([status]);
      expect(statusesIn(await listener.exchange(refused, behind))).toEqual([status]);
    }
    expect(listener.handled).toEqual([]);
    expect(listener.events.refusals).toHaveLength(4);
  });

  it('beyond those in flight', async () => {
    await listen({ limits: { requestsInFlight: 0 } });
    expect(statusesIn(await listener.exchange(get('/') + VALID))).toEqual([503]);
    expect(listener.handled).toEqual([]);
  });
});

it('a request behind the last one of a connection is not handled', async () => {
  await listen({ limits: { requestsPerConnection: 2 } });
  const received = await listener.exchange(get('/1'), get('/2') + VALID);
  expect(statusesIn(received)).toEqual([200, 200]);
  expect(listener.handled).toEqual(['/1', '/2']);
});

it('nor is one behind a request that asked to close', async () => {
  await listen();
  const received = await listener.exchange(get('/1', 'Connection: close') + VALID);
  expect(statusesIn(received)).toEqual([200]);
  expect(listener.handled).toEqual(['/1']);
});

describe('before the answer to a request has been given', () => {
  it.each<[string, string, readonly string[]]>([
    ['another one is not handled', VALID, []],
    ['one with an expectation is not handled', get('/2', 'Expect: 100-continue'), []],
    ['what is refused is not looked at', get('//'), []],
    ['a tunnel is refused', CONNECT, ['method_not_allowed']],
    ['malformed bytes are refused', 'nonsense\r\n\r\n', ['request_malformed']],
  ])('%s, and the connection ends with that answer', async (_name, early, refusals) => {
    await listen();
    for (const pieces of [[get('/1') + early], [get('/1'), early]]) {
      listener.events.clear();
      listener.handled.length = 0;
      listener.hold();
      const received = listener.exchange(...pieces);
      while (listener.handled.length === 0) await pause(2);
      await pause(20);
      listener.release();
      expect(await received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*\/1$/);
      expect(listener.handled).toEqual(['/1']);
      expect(listener.events.refusals).toEqual(refusals);
    }
  });
});

it('one request after the other is answered, however large the answers', async () => {
  await listen();
  const { socket } = await listener.connected();
  const received = text(socket);
  for (const path of ['/1', '/bytes/2000000', '/3']) {
    socket.write(get(path));
    while (!listener.handled.includes(path)) await pause(2);
    await pause(50);
  }
  socket.write(get('/4', 'Connection: close'));
  expect(statusesIn(await received)).toEqual([200, 200, 200, 200]);
});

it('an answer that was not begun when the listener is left says that it is the last', async () => {
  const drain = new Drain();
  await listen({ drain });
  listener.hold();
  const received = listener.exchange(get('/1'));
  while (listener.handled.length === 0) await pause(2);
  drain.begin();
  listener.release();
  expect(await received).toMatch(/\r\nConnection: close\r\n/);
});

describe('behind a trusted proxy', () => {
  it.each<[string, string, number, string]>([
    ['for a tunnel', CONNECT, 405, 'method_not_allowed'],
    ['for a tunnel, with an identity', withIdentity(CONNECT), 400, 'identity_header_spoofed'],
    ['with an expectation', get('/', 'Expect: miracles'), 417, 'expectation_failed'],
    [
      'with an expectation and an identity',
      withIdentity(get('/', 'Expect: miracles')),
      400,
      'identity_header_spoofed',
    ],
  ])(
    'a request %s is inspected, and its event names the client',
    async (_name, bytes, status, reason) => {
      await listen({ trustedHops: TrustedHops.of(['127.0.0.1'], 'x-forwarded-for') });
      const forwarded = bytes.replace('\r\n\r\n', '\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n');
      expect(statusesIn(await listener.exchange(forwarded))).toEqual([status]);
      expect(listener.events.all).toMatchObject([{ reason, clientAddress: '203.0.113.9' }]);
    },
  );
});

function withIdentity(bytes: string): string {
  return bytes.replace('\r\n\r\n', '\r\nX-User-Id: a\r\n\r\n');
}

it('a request that has its answer gets no second one for a body that does not come', async () => {
  await listen({ limits: { lookEveryMs: 20, headMs: 50, requestMs: 100 }, handler: answerAtOnce });
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1';
  expect(statusesIn(await listener.exchange(head))).toEqual([404]);
});

function answerAtOnce(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end('not here');
}
