import { once } from 'node:events';
import { watch, type FSWatcher } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { handlesLeftBy } from './handles-left-by';

describe('handlesLeftBy', () => {
  const closings: (() => unknown)[] = [];
  afterEach(() => {
    for (const close of closings.splice(0)) close();
  });

  async function listen(): Promise<Server> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    closings.push(() => server.close());
    return server;
  }

  const left: readonly [string, () => Promise<unknown>, string][] = [
    ['a listener', listen, 'TCPServerWrap'],
    [
      'a watched folder',
      async () => {
        const watcher: FSWatcher = watch(__dirname);
        closings.push(() => {
          watcher.close();
        });
      },
      'FSEventWrap',
    ],
    [
      'a timer',
      async () => {
        const timer = setInterval(() => undefined, 60_000);
        closings.push(() => {
          clearInterval(timer);
        });
      },
      'Timeout',
    ],
  ];

  it.each(left)('tells of %s', async (_name, step, kind) => {
    expect(await handlesLeftBy(step, 50)).toEqual([kind]);
  });

  it('tells nothing of what has been closed, nor of what was open before', async () => {
    await listen();
    const step = async () => {
      const server = await listen();
      const { port } = server.address() as { port: number };
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      server.close();
    };
    expect(await handlesLeftBy(step)).toEqual([]);
  });
});
