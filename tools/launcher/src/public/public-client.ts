import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

const TIMEOUT_MS = 15_000;

export interface PublicRequest {
  readonly method: 'DELETE' | 'GET' | 'POST';
  readonly path: string;
  /** Names as they go over the wire; a name may stand more than once. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly accessToken?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface PublicResponse {
  readonly status: number;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
  /** The cookies that are set, each as `name=value`. */
  readonly cookies: readonly string[];
}

/** Speaks HTTPS to the gateway as anybody outside would, and leaves the spelling of headers alone. */
export class PublicClient {
  private readonly agent: Agent;

  constructor(
    private readonly gatewayUrl: string,
    caFile: string,
  ) {
    this.agent = new Agent({ ca: readFileSync(caFile), keepAlive: true });
  }

  send({ method, path, headers = [], accessToken, body }: PublicRequest): Promise<PublicResponse> {
    const url = new URL(path, this.gatewayUrl);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const fields = [
      ['Host', url.host],
      ...(accessToken === undefined ? [] : [['Authorization', `Bearer ${accessToken}`]]),
      ...(text === undefined
        ? []
        : [
            ['Content-Type', 'application/json'],
            ['Content-Length', String(Buffer.byteLength(text))],
          ]),
      ...headers,
    ];
    return new Promise((resolve, reject) => {
      const outgoing = request(
        url,
        { method, agent: this.agent, headers: fields.flat(), timeout: TIMEOUT_MS },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.once('error', reject);
          incoming.once('end', () => {
            const received = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: incoming.statusCode ?? 0,
              body: parseJson(received),
              cookies: (incoming.headers['set-cookie'] ?? []).map(
                (cookie) => cookie.split(';', 1)[0] ?? '',
              ),
            });
          });
        },
      );
      outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
      outgoing.once('error', reject);
      outgoing.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
