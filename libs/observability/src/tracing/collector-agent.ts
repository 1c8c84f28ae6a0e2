import { readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';

/** PEM files of a connection to the collector. */
export interface CollectorFiles {
  /** Who may sign for its host name; what the system trusts when left out. */
  readonly certificate?: string | undefined;
  /** What is presented; nothing when left out. */
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
}

/** A connection lives at most so long, so that renewed certificates count. */
const CONNECTION_MS = 10 * 60_000;

/**
 * An agent that asks for its TLS options anew with each connection, one at a time, and keeps that for a few minutes.
 * Sessions are not resumed: each connection proves a certificate that is valid now.
 */
export class FreshTlsAgent extends Agent {
  readonly #optionsOf: () => ConnectionOptions;

  constructor(optionsOf: () => ConnectionOptions) {
    super({ keepAlive: true, maxSockets: 2, maxCachedSessions: 0 });
    this.#optionsOf = optionsOf;
  }

  override createConnection(
    options: AgentOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const connection = super.createConnection({ ...options, ...this.#optionsOf() }, callback);
    const timer = setTimeout(() => connection?.destroy(), CONNECTION_MS).unref();
    connection?.once('close', () => {
      clearTimeout(timer);
    });
    return connection;
  }
}

/** The agent for a collector that is known by its host name, or that is on this machine. */
export function collectorAgent(url: string, files: CollectorFiles): HttpAgent {
  if (new URL(url).protocol === 'http:') return new HttpAgent({ keepAlive: true, maxSockets: 2 });
  const { certificate: ca, clientCertificate: cert, clientKey: key } = files;
  return new FreshTlsAgent(() => ({
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca: readFileSync(ca) }),
    ...(cert !== undefined && { cert: readFileSync(cert) }),
    ...(key !== undefined && { key: readFileSync(key) }),
  }));
}
