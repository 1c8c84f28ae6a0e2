import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { SecurityEvents } from '@sallyport/observability';
import { mutualTlsServerOptions, type SvidSource } from '@sallyport/workload-identity';
import { rememberBundles } from '../inbound/handshake-bundles';
import {
  clientOf,
  recordHandshakeRefusals,
  recordRefusedConnection,
} from '../inbound/handshake-refusals';

/** Where to bind; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface MutualTlsListenerOptions {
  readonly source: SvidSource;
  readonly events: SecurityEvents;
  /** Takes each connection whose certificate the handshake has verified. */
  readonly onConnection: (socket: TLSSocket) => void;
}

const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * Accepts HTTP/2 connections over mutual TLS 1.3 and nothing else (R1). A renewed SVID or bundle
 * counts from the next connection on. Each refused handshake leaves one security event.
 */
export class MutualTlsListener {
  readonly #server: Server;
  readonly #unsubscribe: () => void;
  readonly #handedOver = new Set<TLSSocket>();

  /** @throws TypeError without a workload context */
  constructor({ source, events, onConnection }: MutualTlsListenerOptions) {
    this.#server = createServer({
      ...mutualTlsServerOptions(source.current()),
      ALPNProtocols: ['h2'],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    this.#unsubscribe = source.subscribe((context) =>
      this.#server.setSecureContext(mutualTlsServerOptions(context)),
    );
    recordHandshakeRefusals(this.#server, events);
    rememberBundles(this.#server, source);
    this.#server.on('secureConnection', (socket) => {
      // A handshake that began before the end of listening is one connection too many.
      if (!this.#server.listening) {
        socket.destroy();
        return;
      }
      if (socket.alpnProtocol === 'h2') {
        this.#handedOver.add(socket);
        socket.once('close', () => this.#handedOver.delete(socket));
        onConnection(socket);
        return;
      }
      const client = clientOf(socket);
      socket.destroy();
      recordRefusedConnection(events, 'tls_protocol_refused', client);
    });
  }

  /** @throws the system's error, e.g. EADDRINUSE */
  async listen({ host, port }: ListenAddress): Promise<AddressInfo> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    return this.address;
  }

  /** @throws TypeError before it listens */
  get address(): AddressInfo {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new TypeError('not listening');
    return address;
  }

  /** Accepts no more connections; those that are open are their owner's to end. */
  close(): void {
    this.#unsubscribe();
    this.#server.close();
  }

  /** Resolves once every connection that was handed over has ended. */
  async allEnded(): Promise<void> {
    const open = [...this.#handedOver];
    await Promise.all(
      open.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
  }

  /** Ends the connections that their owner has not ended. */
  destroyConnections(): void {
    for (const socket of this.#handedOver) socket.destroy();
  }
}
