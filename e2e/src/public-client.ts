import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { endpointOf } from './dialling';
import { parseResponse, publicResponse } from './public-response';
import type { PublicResponse } from './public-response';
import { rememberSecret, rememberSecretsOf } from './secrets-in-use';

/** Header names and values as they go over the wire; a name may stand more than once. */
export type WireHeaders = readonly (readonly [name: string, value: string])[];

export interface PublicRequest {
  /** `GET` unless given. */
  readonly method?: string;
  /** The request target, sent as it is. */
  readonly path: string;
  readonly headers?: WireHeaders;
  /** Sent as `Authorization: Bearer`. */
  readonly accessToken?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as a form (`application/x-www-form-urlencoded`); a name may stand more than once. */
  readonly form?: readonly (readonly [name: string, value: string])[];
  /** Sent after the body, which is then chunked. */
  readonly trailers?: WireHeaders;
}

/** How a client reaches the gateway, where it is not as everybody does. */
export interface PublicClientOptions {
  /** Of another gateway on this machine that serves the same public URL. */
  readonly port?: number;
  /** Keeps at most so many connections and uses them again; unless given, every request has one of its own. */
  readonly connections?: number;
  /** Changes to the handshake, such as a certificate to present. */
  readonly tls?: ConnectionOptions;
}

const TIMEOUT_MS = 10_000;

/**
 * Speaks HTTPS to the gateway as anybody outside can: verifies its certificate against the cluster's
 * public authority, and leaves what it sends alone.
 */
export class PublicClient {
  readonly #url: URL;
  readonly #tls: ConnectionOptions;
  readonly #agent: Agent | false;

  constructor(
    { gatewayUrl, caFile }: Pick<ClusterFacts, 'gatewayUrl' | 'caFile'> = sharedCluster(),
    { port, connections, tls }: PublicClientOptions = {},
  ) {
    this.#url = new URL(gatewayUrl);
    this.#tls = {
      ...(port === undefined ? endpointOf(this.#url) : { host: '127.0.0.1', port }),
      servername: this.#url.hostname,
      ca: caFile === undefined ? undefined : readFileSync(caFile),
      ...tls,
    };
    this.#agent =
      connections !== undefined && new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** The value of the `Host` header. */
  get host(): string {
    return this.#url.host;
  }

  async send(sent: PublicRequest): Promise<PublicResponse> {
    const { method = 'GET', path, trailers } = sent;
    const body = bodyOf(sent);
    rememberSent(sent);
    return new Promise((resolve, reject) => {
      const request = httpsRequest({
        ...this.#tls,
        method,
        path,
        // Names and values alternating, which the types leave out: the one form in which a name may stand twice.
        headers: this.#headersOf(sent, body).flat() as never,
        agent: this.#agent,
        timeout: TIMEOUT_MS,
      });
      request.once('timeout', () => request.destroy(new Error(`no answer to ${method}`)));
      request.once('error', reject);
      request.once('response', (response) => {
        const { statusCode = 0, headers } = response;
        text(response)
          .then((received) => publicResponse(statusCode, headers, received))
          .then(rememberReceived)
          .then(resolve, reject);
      });
      if (trailers)
        request.addTrailers(trailers.map(([name, value]): [string, string] => [name, value]));
      request.end(body);
    });
  }

  /** Ends the connections it has kept. */
  close(): void {
    if (this.#agent !== false) this.#agent.destroy();
  }

  /** Writes these bytes to a connection, as no HTTP client would, and reads one answer. */
  async exchange(bytes: string): Promise<PublicResponse> {
    return parseResponse(await this.exchangeBytes(bytes));
  }

  /** The same, with everything that comes back until the connection is closed. */
  async exchangeBytes(bytes: string): Promise<string> {
    const socket = connect({ ...this.#tls, ALPNProtocols: ['http/1.1'] });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    socket.write(bytes, 'latin1');
    return text(socket);
  }

  #headersOf(
    { method = 'GET', headers = [], accessToken, form, trailers }: PublicRequest,
    body: string | undefined,
  ): WireHeaders {
    const fields: [string, string][] = [['Host', this.host]];
    if (accessToken !== undefined) fields.push(['Authorization', `Bearer ${accessToken}`]);
    if (form !== undefined) fields.push(['Content-Type', 'application/x-www-form-urlencoded']);
    else if (body !== undefined) fields.push(['Content-Type', 'application/json']);
    if (trailers) fields.push(['Transfer-Encoding', 'chunked']);
    // Node would make a bodiless POST or PATCH chunked.
    else if (body !== undefined || method === 'POST' || method === 'PATCH') {
      fields.push(['Content-Length', String(Buffer.byteLength(body ?? ''))]);
    }
    return [...fields, ...headers];
  }
}

/** What this request presents, wherever it presents it. */
function rememberSent({ path, headers = [], accessToken, json, form = [] }: PublicRequest): void {
  if (accessToken !== undefined) rememberSecret(accessToken);
  for (const [name, value] of [...headers, ...form]) rememberSecretsOf(value, name);
  // In JSON it is what a problem is called.
  for (const [name, value] of form) if (name === 'code') rememberSecret(value);
  rememberSecretsOf(json);
  const query = new URLSearchParams(path.split('?')[1] ?? '');
  for (const [name, value] of query) rememberSecretsOf(value, name);
}

/** What was given out, whether or not it is ever presented. */
function rememberReceived(response: PublicResponse): PublicResponse {
  rememberSecretsOf(response.json);
  rememberSecretsOf(response.headers['set-cookie'], 'set-cookie');
  return response;
}

function bodyOf({ json, form }: PublicRequest): string | undefined {
  if (form !== undefined) {
    return new URLSearchParams(
      form.map(([name, value]): [string, string] => [name, value]),
    ).toString();
  }
  return json === undefined ? undefined : JSON.stringify(json);
}
