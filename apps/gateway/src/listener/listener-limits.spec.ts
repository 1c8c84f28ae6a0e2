import { once } from 'node:events';
import type { Server } from 'node:https';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { Drain } from './drain';
import type { ListenerLimits } from './listener-limits';
import { createPublicServer } from './public-server';
import { computeSecurityHeaders, type ResponseHeaders } from './security-headers';

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const LAST_REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
const FAST = { lookEveryMs: 20 };

const events = new RecordedSecurityEvents();
const drain = new Drain();
let ca: FakeCa;
let headers: ResponseHeaders;
let server: Server;
let handled: number;
/** Holds answers back until it is called. */
let release: () => void;
let released: Promise<void>;

beforeAll(async () => {
  ca = await FakeCa.create();
  headers = await computeSecurityHeaders();
});
beforeEach(() => {
  events.clear();
  handled = 0;
  released = Promise.resolve();
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function listen(limits: Partial<ListenerLimits>): Promise<void> {
  const { certificateChainPem, privateKeyPem } = await ca.issueSvid('gateway');
  const certificate = { cert: certificateChainPem, key: privateKeyPem };
  server = createPublicServer(
    { certificate, headers, events, limits, drain },
    (request, response) => {
      handled += 1;
      request.resume().once('end', () => void released.then(() => response.end('handled')));
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

const address = () => ({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });

async function connected(): Promise<Socket> {
  const socket = connect({ ...address(), rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

async function exchange(...pieces: readonly string[]): Promise<string> {
  const socket = await connected();
  const received = text(socket);
  for (const piece of pieces) {
    socket.write(piece);
    await pause(1);
  }
  return received;
}

function expectSecured(answer: string): void {
  for (const [name, value] of headers) expect(answer).toContain(`\r\n${name}: ${value}\r\n`);
}

describe('a client that is slow', () => {
  it.each<[string, Partial<ListenerLimits>, string[]]>([
    ['with its first byte', { headMs: 60 }, []],
    ['with its head', { headMs: 60 }, ['GET / HTTP/1.1\r\nHost: a\r\nX-A: ', 'b']],
    [
      'with its body',
      { headMs: 60, requestMs: 80 },
      ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n', 'a', 'b'],
    ],
    [
      'with its chunks',
      { headMs: 60, requestMs: 80 },
      ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\na\r\n', '1'],
    ],
  ])('%s gets 408, and is cut', async (_name, limits, pieces) => {
    await listen({ ...FAST, ...limits });
    const answer = await exchange(...pieces);
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"request_timeout"/);
    expectSecured(answer);
    expect(events.refusals).toEqual(['request_timeout']);
  });

  it('gets as much time as the limit, however it divides its request', async () => {
    await listen(FAST);
    expect(await exchange(...LAST_REQUEST.split(''))).toContain('handled');
    expect(events.all).toEqual([]);
  });

  it('is cut while it dribbles, not once it pauses', async () => {
    await listen({ ...FAST, headMs: 100 });
    const socket = await connected();
    const dribble = setInterval(() => socket.write('x'), 10);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-A: ');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(dribble);
  });

  it('is cut when it keeps a connection without using it', async () => {
    await listen({ ...FAST, keepAliveMs: 50 });
    expect(await exchange(REQUEST)).toContain('handled');
    expect(events.all).toEqual([]);
  });

  it('is cut when it does not begin its handshake', async () => {
    await listen({ handshakeMs: 50 });
    const socket = connectPlain(address());
    expect(await text(socket)).toBe('');
    while (events.all.length === 0) await pause(5);
    expect(events.all).toMatchObject([{ type: 'transport', reason: 'handshake_timeout' }]);
  });

  it('is cut when it does not read its answer', async () => {
    await listen({ ...FAST, stalledMs: 80 });
    released = new Promise(() => undefined);
    expect(await exchange(REQUEST)).toBe('');
  });
});

describe('connections', () => {
  it.each<[string, Partial<ListenerLimits>]>([
    ['from one address', { connectionsPerAddress: 3 }],
    ['in all', { connections: 3 }],
  ])('over the limit %s are closed; the others are served', async (_name, limits) => {
    await listen(limits);
    const first = await Promise.all([connected(), connected(), connected()]);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const refused = connect({ ...address(), rejectUnauthorized: false });
      await expect(once(refused, 'secureConnect')).rejects.toThrow();
    }
    expect(events.all).toMatchObject([
      { type: 'transport', outcome: 'refused', reason: 'too_many_connections' },
    ]);

    const [one, ...others] = first;
    one.write(LAST_REQUEST);
    expect(await text(one)).toContain('handled');
    // The place is free again.
    expect(await exchange(LAST_REQUEST)).toContain('handled');
    for (const socket of others) socket.destroy();
  });

  it('end with the last request they may carry, and read nothing after it', async () => {
    await listen({ requestsPerConnection: 2 });
    const answer = await exchange(REQUEST, REQUEST, REQUEST);
    expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    expect(answer.match(/connection: (?:close|keep-alive)/gi)).toEqual([
      'Connection: keep-alive',
      'Connection: close',
    ]);
  });
});

describe('requests in flight', () => {
  it('over the limit get 503 and Retry-After; the others are answered', async () => {
    await listen({ requestsInFlight: 2 });
    released = new Promise((resolve) => (release = resolve));
    const waiting = [exchange(LAST_REQUEST), exchange(LAST_REQUEST)];
    while (handled < 2) await pause(5);

    const refused = await exchange(LAST_REQUEST);
    expect(refused).toMatch(/^HTTP\/1\.1 503 [^]*"code":"server_busy"/);
    expect(refused).toContain('\r\nretry-after: 2\r\n');
    expect(refused).toContain('\r\nconnection: close\r\n');
    expectSecured(refused);
    expect(events.refusals).toEqual(['server_busy']);
    expect(handled).toBe(2);

    release();
    for (const answer of await Promise.all(waiting)) expect(answer).toContain('handled');
    expect(await exchange(LAST_REQUEST)).toContain('handled');
  });

  it('that are given up no longer count', async () => {
    await listen({ requestsInFlight: 1 });
    released = new Promise((resolve) => (release = resolve));
    const socket = await connected();
    socket.write(REQUEST);
    while (handled < 1) await pause(5);
    socket.destroy();
    await pause(50);
    release();
    expect(await exchange(LAST_REQUEST)).toContain('handled');
  });
});

it('asks for no body of a request that it refuses', async () => {
  await listen({});
  const head = (path: string) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
  expect(await exchange(head('//'))).toMatch(/^HTTP\/1\.1 400 /);
  expect(await exchange(head('/'), 'a')).toMatch(/^HTTP\/1\.1 100 [^]*HTTP\/1\.1 200 [^]*handled/);
});

it('hears requests in clear on its port once a minute for each address', async () => {
  await listen({});
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const socket = connectPlain(address());
    socket.on('error', () => undefined);
    socket.write(REQUEST);
    expect(await text(socket).catch(() => '')).not.toContain('HTTP/');
  }
  await pause(20);
  expect(events.all).toMatchObject([{ type: 'transport', reason: 'https_required' }]);
  expect(handled).toBe(0);
});

it('makes each answer the last of its connection once it is to be left', async () => {
  await listen({});
  drain.begin();
  const answer = await exchange(REQUEST, REQUEST);
  expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(1);
  expect(answer).toContain('\r\nConnection: close\r\n');
});
