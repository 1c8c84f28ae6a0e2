import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { readSpans, type ReceivedSpan } from './read-spans';

const LONGEST_WAIT_MS = 20_000;

/** A collector in this process: takes spans over OTLP/HTTP with protobuf, as they really travel, and keeps them. */
export class TraceCollector {
  readonly #server: Server;
  readonly #spans: ReceivedSpan[] = [];
  readonly #bodies: Buffer[] = [];
  readonly #scheme: string;

  private constructor(tls: ServerOptions | undefined) {
    const listener: RequestListener = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const isExport = request.method === 'POST' && request.url === '/v1/traces';
        const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
        if (isExport && isProtobuf) {
          this.#bodies.push(body);
          this.#spans.push(...readSpans(body));
        }
        response
          .writeHead(isExport ? (isProtobuf ? 200 : 415) : 404, {
            'content-type': 'application/x-protobuf',
          })
          .end();
      });
    };
    this.#scheme = tls === undefined ? 'http' : 'https';
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  }

  /** Listens on a free port of 127.0.0.1, over TLS when it is given options for that. */
  static async start(tls?: ServerOptions): Promise<TraceCollector> {
    const collector = new TraceCollector(tls);
    collector.#server.listen(0, '127.0.0.1');
    await once(collector.#server, 'listening');
    return collector;
  }

  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#scheme}://127.0.0.1:${port}`;
  }

  /** All spans so far. */
  get spans(): readonly ReceivedSpan[] {
    return this.#spans;
  }

  /** Everything that was ever sent, for a search in it. */
  get text(): string {
    return Buffer.concat(this.#bodies).toString('latin1');
  }

  /** All spans, as soon as they are what is waited for. @throws Error when that does not come */
  async until(
    isThere: (spans: readonly ReceivedSpan[]) => boolean,
  ): Promise<readonly ReceivedSpan[]> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    while (!isThere(this.#spans)) {
      if (Date.now() > deadline) {
        const names = new Set(this.#spans.map(({ service, name }) => `${service} ${name}`));
        throw new Error(`the spans have not come; there are: ${[...names].join(', ')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return this.#spans;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
