import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';

/** With this an HTTP/2 server opens the conversation: an empty SETTINGS frame. */
const SETTINGS = Buffer.from('000000040000000000', 'hex');

/** Stands where a service should be, and remembers all that it is told. */
export class Impostor {
  readonly #heard: Buffer[] = [];
  readonly #open = new Set<Socket>();
  readonly #server: Server;

  private constructor(options: TlsOptions | undefined) {
    const listen = (socket: Socket): void => {
      socket.on('data', (chunk: Buffer) => this.#heard.push(chunk));
      socket.on('error', () => undefined);
      socket.write(SETTINGS);
    };
    this.#server = options
      ? createTlsServer({ ...options, ALPNProtocols: ['h2'] }, listen)
      : createPlainServer(listen);
    this.#server.on('connection', (socket: Socket) => this.#open.add(socket));
  }

  /** @param options of its TLS; undefined for one that speaks in clear */
  static async start(options: TlsOptions | undefined): Promise<Impostor> {
    const impostor = new Impostor(options);
    impostor.#server.listen(0, '127.0.0.1');
    await once(impostor.#server, 'listening');
    return impostor;
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What came in, out of its TLS where there is one. */
  get heard(): Buffer {
    return Buffer.concat(this.#heard);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
    await closed;
  }
}
