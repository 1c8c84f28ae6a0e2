import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SecureContextOptions } from 'node:tls';

/** A request that a provider was sent. */
export interface TakenRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** As much of a provider of text messages as a client needs; keeps what it was sent. */
export class SmsProvider {
  readonly taken: TakenRequest[] = [];
  /** One after the other, the last for all that follow; `silence` is no answer, `hang up` a broken connection. */
  answers: readonly (number | 'silence' | 'hang up')[] = [201];
  readonly #server: Server;

  private constructor(identity: SecureContextOptions) {
    this.#server = createServer(identity, (request, response) => {
      void text(request).then((body) => {
        const { method, url: path, headers } = request;
        this.taken.push({ method, path, headers, form: new URLSearchParams(body) });
        const answer = this.answers[this.taken.length - 1] ?? this.answers.at(-1) ?? 201;
        if (answer === 'silence') return;
        if (answer === 'hang up') request.socket.destroy();
        else response.writeHead(answer, { location: '/elsewhere' }).end(`{"to": "${body}"}`);
      });
    });
  }

  static async start(identity: SecureContextOptions): Promise<SmsProvider> {
    const provider = new SmsProvider(identity);
    await once(provider.#server.listen(0, 'localhost'), 'listening');
    return provider;
  }

  get url(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}/messages.json`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
