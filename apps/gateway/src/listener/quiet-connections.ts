import type { Server, Socket } from 'node:net';
import type { ListenerLimits } from './listener-limits';

/** How long the first byte of a request may be on its way to a listener that takes no connections any more. */
const CLOSING_MS = 1_000;

/**
 * The connections on which no request is being answered. Node's own timer begins anew with every byte, also with the
 * empty lines that may stand before a request; the time until the next request has come is bounded here.
 */
export class QuietConnections {
  /** In the order of their times. */
  readonly #since = new Map<Socket, number>();
  /** All of them, below TLS. */
  readonly #transports = new Set<Socket>();

  constructor(
    private readonly server: Server,
    private readonly limits: Pick<ListenerLimits, 'keepAliveMs' | 'headMs'>,
  ) {
    server.on('connection', (transport: Socket) => {
      this.#transports.add(transport);
      transport.once('close', () => this.#transports.delete(transport));
    });
  }

  /** Takes a new connection. */
  add(socket: Socket): void {
    this.becomesQuiet(socket);
    socket.once('close', () => this.#since.delete(socket));
  }

  becomesQuiet(socket: Socket): void {
    if (!socket.destroyed) this.#since.set(socket, performance.now());
  }

  isUsed(socket: Socket): void {
    this.#since.delete(socket);
  }

  endOverdue(): void {
    if (!this.server.listening) this.#endSilent();
    const { keepAliveMs, headMs } = this.limits;
    const mostMs = this.server.listening ? keepAliveMs + headMs : CLOSING_MS;
    const now = performance.now();
    for (const [socket, since] of this.#since) {
      if (now - since <= mostMs) return;
      this.#since.delete(socket);
      socket.destroy();
    }
  }

  /** Closes what has not even begun its handshake: nothing else would for as long as that may take. */
  #endSilent(): void {
    for (const transport of this.#transports) {
      if (transport.bytesRead === 0) transport.destroy();
    }
  }
}
