import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Passes connections on to a server, until it is opened like the breaker of a circuit. */
export class Breaker {
  readonly #open = new Set<Socket>();
  #server: Server;
  #port = 0;

  private constructor(private readonly behind: URL) {
    this.#server = this.#listener();
  }

  /** @param url of the server behind, on a TCP port */
  static async before(url: string): Promise<Breaker> {
    const breaker = new Breaker(new URL(url));
    await breaker.restore();
    return breaker;
  }

  /** The URL of the server behind, through here. */
  get url(): string {
    const url = new URL(this.behind);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href;
  }

  /** Ends all connections and accepts no more. */
  async interrupt(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  /** Accepts connections again, at the same address. */
  async restore(): Promise<void> {
    this.#server = this.#listener().listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** For good. */
  async close(): Promise<void> {
    if (this.#server.listening) await this.interrupt();
  }

  #listener(): Server {
    return createServer((near) => {
      const far = connect({ host: this.behind.hostname, port: Number(this.behind.port) });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#open.add(one);
        one.pipe(other);
        one.once('error', () => other.destroy());
        one.once('close', () => {
          this.#open.delete(one);
          other.destroy();
        });
      }
    });
  }
}
