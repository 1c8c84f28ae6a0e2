import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from './connect-redis';

jest.setTimeout(15_000);

/** A command as Redis's protocol begins it. */
const COMMAND = /^\*\d+/gm;

describe('a connection to the shared counters', () => {
  const sockets: Socket[] = [];
  let silent: Socket | undefined;
  let server: Server;
  let redis: Redis;
  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.on('data', (bytes) => {
        if (socket === silent) return;
        socket.write('+PONG\r\n'.repeat(String(bytes).match(COMMAND)?.length ?? 0));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    redis = connectRedis({ url: `redis://127.0.0.1:${port}` }, 100);
    await once(redis, 'ready');
  });
  afterAll(() => {
    redis.disconnect();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('that falls silent, and is never closed, is given up for another within seconds', async () => {
    await expect(redis.ping()).resolves.toBe('PONG');
    silent = sockets[0];
    await expect(redis.ping()).rejects.toThrow('Command timed out');

    const since = performance.now();
    let answer: unknown;
    while (answer !== 'PONG' && performance.now() - since < 10_000) {
      await delay(50);
      answer = await redis.ping().catch(() => undefined);
    }
    expect(answer).toBe('PONG');
    expect(sockets.length).toBeGreaterThan(1);
    expect(performance.now() - since).toBeLessThan(6_000);
  });
});
