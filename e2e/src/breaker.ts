import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** The two ends of a connection that is passed on. */
type Pair = readonly [near: Socket, far: Socket];

/** Passes connections on to a server, until it is opened like the breaker of a circuit. */
export class Breaker {
  readonly #pairs = new Set<Pair>();
  #server: Server;
  #port = 0;
  #isSilent = false;

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
    for (const [near] of this.#pairs) near.destroy();
    await closed;
  }

  /** Accepts connections again, at the same address. */
  async restore(): Promise<void> {
    this.#server = this.#listener().listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Keeps all connections and accepts new ones, and passes nothing on: the server seems to hang. */
  silence(): void {
    this.#isSilent = true;
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  /** Passes on again, also what has come in meanwhile. */
  resume(): void {
    this.#isSilent = false;
    for (const pair of this.#pairs) passOn(pair);
  }

  /** For good. */
  async close(): Promise<void> {
    if (this.#server.listening) await this.interrupt();
  }

  #listener(): Server {
    return createServer((near) => {
      const far = connect({ host: this.behind.hostname, port: Number(this.behind.port) });
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      for (const [one, other] of [pair, [far, near]] as const) {
        one.once('error', () => other.destroy());
        one.once('close', () => {
          this.#pairs.delete(pair);
          other.destroy();
        });
      }
      if (!this.#isSilent) passOn(pair);
    });
  }
}

function passOn([near, far]: Pair): void {
  near.pipe(far);
  far.pipe(near);
}
