import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and its store; can be interrupted, and fall silent. */
export class StoreBreaker {
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  isSilent = false;

  private constructor(private readonly behind: URL) {}

  static async before(url: string): Promise<StoreBreaker> {
    const breaker = new StoreBreaker(new URL(url));
    await breaker.restore();
    return breaker;
  }

  get url(): string {
    const url = new URL(this.behind);
    url.host = `127.0.0.1:${this.#port}`;
    return url.href;
  }

  async restore(): Promise<void> {
    this.#server = createServer((near) => {
      const far = connect({ host: this.behind.hostname, port: Number(this.behind.port) });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
        one.on('data', (bytes: Buffer) => {
          if (!this.isSilent) other.write(bytes);
        });
      }
    }).listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async interrupt(): Promise<void> {
    const server = this.#server;
    if (server?.listening !== true) return;
    const closed = once(server.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
    await closed;
  }
}
