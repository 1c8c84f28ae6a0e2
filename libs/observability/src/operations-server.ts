import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Logger } from './logger';
import { assessReadiness, type Readiness, type ReadinessCheck } from './readiness';
import { registerReadinessMetrics } from './readiness-metrics';
import { ReadinessStates } from './readiness-states';

export interface OperationsServerOptions {
  /** An address of its own, reachable by the platform only; port 0 asks for a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly checks: readonly ReadinessCheck[];
  readonly registry: Registry;
  readonly logger: Logger;
  /** After how many milliseconds a readiness check counts as down. */
  readonly checkTimeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

type Assess = () => Promise<Readiness>;

const NOT_FOUND: Answer = json(404, { status: 'not_found' });

/**
 * The operations listener of a process: `/health/live`, `/health/ready` and `/metrics`, by GET or HEAD; everything else
 * is 404. Reads no request body, keeps no connection open. It authenticates nobody: bind it where only the platform is.
 */
export class OperationsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts listening. Rejects with the error of the system, e.g. EADDRINUSE, when the address cannot be bound. */
  static async start(options: OperationsServerOptions): Promise<OperationsServer> {
    const assess = assessment(options);
    registerReadinessMetrics(options.registry, assess);
    const server = createServer(
      {
        maxHeaderSize: 4096,
        requestTimeout: 5_000,
        headersTimeout: 5_000,
        keepAliveTimeout: 1_000,
      },
      (request, response) => {
        void respond(options, assess, request, response);
      },
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.listen.port, options.listen.host, resolve);
    });
    server.removeAllListeners('error');
    server.on('error', (error) => {
      options.logger.error({ event: 'operations_server', error });
    });
    return new OperationsServer(server);
  }

  /** The bound address. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#server.address() as AddressInfo;
    return { host: address, port };
  }

  /** Stops listening and drops the connections there are. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => {
        resolve();
      }),
    );
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Asks every check, and logs which of them changed. */
function assessment({ checks, logger, checkTimeoutMs = 1_000 }: OperationsServerOptions): Assess {
  const states = new ReadinessStates(logger);
  return async () => {
    const failures = new Map<string, unknown>();
    const readiness = await assessReadiness(checks, checkTimeoutMs, (check, reason) => {
      failures.set(check, reason);
    });
    states.enter(readiness, failures);
    return readiness;
  };
}

async function respond(
  options: OperationsServerOptions,
  assess: Assess,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, contentType, body } = await answer(options, assess, request).catch(
    (error: unknown) => {
      options.logger.error({ event: 'operations_request', error });
      return json(500, { status: 'error' });
    },
  );
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    connection: 'close',
  });
  // To HEAD, Node sends the headers and drops the body.
  response.end(body);
}

async function answer(
  { registry }: Pick<OperationsServerOptions, 'registry'>,
  assess: Assess,
  request: IncomingMessage,
): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return NOT_FOUND;
  switch (request.url) {
    case '/health/live':
      return json(200, { status: 'up' });
    case '/health/ready': {
      const readiness = await assess();
      return json(readiness.status === 'up' ? 200 : 503, readiness);
    }
    case '/metrics':
      return {
        status: 200,
        contentType: registry.contentType,
        body: await registry.metrics(),
      };
    case undefined:
    default:
      return NOT_FOUND;
  }
}

function json(status: number, body: object): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}
