import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { requireDeclared } from './capabilities';
import { partsOf } from './compact-jws';
import type { Customer } from './customers';
import { eventually } from './eventually';

/** A client's endpoint for logout tokens (OpenID Connect Back-Channel Logout 1.0), and what it was sent. */
export class BackChannel {
  readonly #server: Server;
  readonly #received: string[] = [];
  /** What it answers next; 200 when nothing is left. */
  readonly answers: number[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        this.#received.push(new URLSearchParams(body).get('logout_token') ?? '');
        response.statusCode = this.answers.shift() ?? 200;
        response.end();
      });
    });
  }

  static async open(): Promise<BackChannel> {
    requireDeclared('shared-loopback', 'a back channel');
    const channel = new BackChannel();
    channel.#server.listen(0, '127.0.0.1');
    await once(channel.#server, 'listening');
    return channel;
  }

  /** What a client registers that is to be told. */
  get metadata() {
    const { port } = this.#server.address() as AddressInfo;
    return {
      backchannel_logout_uri: `http://127.0.0.1:${port}/logout`,
      backchannel_logout_session_required: true,
    };
  }

  /** The tokens about somebody, so far. */
  about({ userId }: Pick<Customer, 'userId'>): readonly string[] {
    return this.#received.filter((token) => partsOf(token).payload['sub'] === userId);
  }

  /** The first token about somebody, once it is there; empty when none comes. */
  async told(customer: Pick<Customer, 'userId'>, count = 1): Promise<string> {
    const tokens = await eventually(
      () => Promise.resolve(this.about(customer)),
      ({ length }) => length >= count,
    );
    return tokens[count - 1] ?? '';
  }

  close(): void {
    this.#server.close();
  }
}
