import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * One address in front of a service, as a platform's Service is: a new connection goes to the instance that is pointed to, an
 * open one stays with its instance until that ends it.
 */
export class Switchboard {
  readonly #sockets = new Set<Socket>();
  #target: { readonly host: string; readonly port: number } | undefined;

  private constructor(private readonly server: Server) {
    server.on('connection', (near) => {
      this.#connect(near);
    });
  }

  static async open(): Promise<Switchboard> {
    const server = createServer();
    const board = new Switchboard(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return board;
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** @param address `host:port` of the instance that takes connections from now on */
  point(address: string): void {
    const [host = '', port] = address.split(':');
    this.#target = { host, port: Number(port) };
  }

  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connect(near: Socket): void {
    if (this.#target === undefined) {
      near.destroy();
      return;
    }
    const far = connect({ ...this.#target, allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}
