import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { TrustedHops } from '@sallyport/client-address';
import { get, startTestListener, statusesIn, type TestListener } from './public-server.fixture';

const LAST = get('/last', 'Connection: close');
const SLOW_BODY = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1';

let listener: TestListener;
const listen = async (...options: Parameters<typeof startTestListener>): Promise<void> => {
  listener = await startTestListener(...options);
};
afterEach(() => {
  listener.close();
});

describe('the place of a request is free again', () => {
  it.each<[string, number, number]>([
    ['when its answer waits behind another that is not read', 20_000_000, 4],
    ['when its answer is not read', 20_000_000, 1],
    ['when it was answered', 10, 1],
  ])('%s and its connection ends', async (_name, bytes, requests) => {
    await listen({ limits: { requestsInFlight: 4 } });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const { socket, raw } = await listener.connected();
      for (let sent = 0; sent < requests; sent += 1) {
        socket.write(get(`/bytes/${bytes}`));
        await pause(5);
      }
      raw.resetAndDestroy();
    }
    await pause(50);
    const all = await Promise.all(Array.from({ length: 4 }, () => listener.exchange(LAST)));
    expect(all.flatMap(statusesIn)).toEqual([200, 200, 200, 200]);
  });
});

describe('one client', () => {
  it('does not get every place', async () => {
    const trustedHops = TrustedHops.of(['127.0.0.1'], 'x-forwarded-for');
    await listen({ trustedHops, limits: { requestsInFlight: 9, requestsInFlightPerAddress: 2 } });
    const from = (address: string, request: string) =>
      request.replace('\r\n\r\n', `\r\nX-Forwarded-For: ${address}\r\n\r\n`);
    const block = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2'] as const;
    const held = await Promise.all(
      block.map(async (address) => {
        const { socket } = await listener.connected();
        socket.write(from(address, SLOW_BODY));
        return socket;
      }),
    );
    while (listener.handled.length < 2) await pause(2);

    expect(statusesIn(await listener.exchange(from('2001:db8:1:2::3', LAST)))).toEqual([503]);
    expect(statusesIn(await listener.exchange(from('2001:db8:1:3::3', LAST)))).toEqual([200]);
    for (const socket of held) socket.destroy();
    await pause(20);
    expect(statusesIn(await listener.exchange(from('2001:db8:1:2::3', LAST)))).toEqual([200]);
  });
});

describe('a connection is not held without end', () => {
  it('by reading the answer slowly', async () => {
    await listen({ limits: { lookEveryMs: 20, answerMs: 300 } });
    const accepted = once(listener.server, 'secureConnection') as Promise<[Socket]>;
    const { socket } = await listener.connected();
    socket.write(get('/bytes/20000000'));
    const sip = setInterval(() => socket.read(1_000), 20);
    const [connection] = await accepted;
    const closed = once(connection, 'close');
    expect(await Promise.race([closed, pause(3_000, 'still open', { ref: false })])).not.toBe(
      'still open',
    );
    clearInterval(sip);
    socket.destroy();
  });

  it('by an answer that does not come', async () => {
    await listen({ limits: { lookEveryMs: 20, answerMs: 100 } });
    listener.hold();
    expect(await listener.exchange(get('/'))).toBe('');
  });

  it('by empty lines before a next request', async () => {
    await listen({ limits: { lookEveryMs: 20, keepAliveMs: 100, headMs: 100 } });
    const { socket } = await listener.connected();
    const received = text(socket).catch(() => 'cut');
    socket.write(get('/'));
    const dribble = setInterval(() => socket.write('\r\n'), 30);
    expect(await Promise.race([received, pause(2_000, undefined, { ref: false })])).toBeDefined();
    clearInterval(dribble);
  });

  it.each(['before its handshake', 'after it'])(
    'when it is silent %s and the listener is closed, while answers are waited for',
    async (when) => {
      await listen({ limits: { lookEveryMs: 20 } });
      const silent = when === 'after it' ? (await listener.connected()).raw : await listener.bare();
      const silentClosed = once(silent.resume(), 'close');
      listener.hold();
      const received = listener.exchange(LAST);
      while (listener.handled.length === 0) await pause(2);

      const closed = once(listener.server, 'close');
      listener.server.close();
      const late = pause(3_000, 'still open', { ref: false });
      expect(await Promise.race([silentClosed, late])).not.toBe('still open');
      await pause(100);
      listener.release();
      expect(statusesIn(await received)).toEqual([200]);
      await closed;
    },
  );
});
