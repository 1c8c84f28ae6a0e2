import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Relay } from './relay';

/** How a link treats what goes over it. */
export type LinkState =
  /** Passes everything on. */
  | 'whole'
  /** Connections are reset, and new ones refused: the other machine answers that nothing listens. */
  | 'cut'
  /** Nothing arrives and nobody is told: connections stay open and are silent. What waits is delivered once it ends. */
  | 'black-holed';

/**
 * A TCP proxy before one address, which can be made as bad as a network is. TLS passes through it untouched: services
 * know each other by certificate, not by address.
 */
export class Link {
  readonly #relays = new Set<Relay>();
  readonly #server: Server;
  #port = 0;
  #state: LinkState = 'whole';
  #delayMs = 0;
  #target: { readonly host: string; readonly port: number } | undefined;

  private constructor() {
    this.#server = this.#listener();
  }

  /** Listens on a free port of 127.0.0.1; leads nowhere before {@link Link.leadTo}. */
  static async open(): Promise<Link> {
    const link = new Link();
    await link.#listen();
    return link;
  }

  get port(): number {
    return this.#port;
  }

  /** How many connections go through it. */
  get connections(): number {
    return this.#relays.size;
  }

  leadTo(host: string, port: number): void {
    this.#target = { host, port };
  }

  /** Everything takes so much longer, in both directions. */
  delay(milliseconds: number): void {
    this.#delayMs = milliseconds;
  }

  async set(state: LinkState): Promise<void> {
    if (this.#state === state) return;
    const before = this.#state;
    this.#state = state;
    if (before === 'cut') await this.#listen();
    if (state === 'cut') await this.#cut();
    for (const relay of this.#relays) relay.hold(state === 'black-holed');
  }

  /**
   * What is connected now is forgotten on the way, as by a firewall that restarted: it stays open at both ends and
   * nothing arrives any more, ever. New connections are passed on.
   */
  abandonConnections(): void {
    for (const relay of this.#relays) relay.abandon();
  }

  /** For good. */
  async close(): Promise<void> {
    if (this.#server.listening) await this.#cut();
  }

  async #cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const relay of this.#relays) relay.reset();
    await closed;
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #listener(): Server {
    return createServer({ noDelay: true }, (near: Socket) => {
      if (this.#target === undefined) {
        near.destroy();
        return;
      }
      const far = connect({ ...this.#target, noDelay: true });
      const relay = new Relay(near, far, () => this.#delayMs);
      this.#relays.add(relay);
      void relay.ended.then(() => this.#relays.delete(relay));
      relay.hold(this.#state === 'black-holed');
    });
  }
}
