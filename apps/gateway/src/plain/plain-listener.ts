import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '@sallyport/configuration';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { blockOf } from '../listener/block-count';
import { clientAddressOf } from '../listener/client-address';
import { limitConnections } from '../listener/connection-limits';
import { httpServerOptions, type ListenerLimits } from '../listener/listener-limits';
import { endWith, problemMessage, sendProblem } from '../listener/raw-problem';
import { computeSecurityHeaders } from '../listener/security-headers';
import { SparseEvents } from '../listener/sparse-events';
import type { ExposureQueue } from './exposure-queue';
import { presentedCredentials } from './presented-credentials';

export interface PlainListenerOptions {
  readonly listen: ListenAddress;
  readonly events: SecurityEvents;
  readonly exposures: Pick<ExposureQueue, 'add'>;
  readonly limits?: Partial<ListenerLimits>;
}

/** Nobody has business here. */
const PLAIN_LIMITS: ListenerLimits = {
  connections: 100,
  connectionsPerAddress: 20,
  requestsInFlight: 100,
  requestsInFlightPerAddress: 20,
  requestsPerConnection: 1,
  headBytes: 8 * 1024,
  handshakeMs: 0,
  headMs: 2_000,
  requestMs: 3_000,
  answerMs: 6_000,
  keepAliveMs: 1,
  stalledMs: 3_000,
  lookEveryMs: 500,
};

/** How much of a body is looked at. */
const BODY_BYTES = 1_024;

const PROBLEM = { status: 400, code: 'https_required' } as const;

/**
 * The listener for plain HTTP: it routes nothing and redirects nothing, because a client that is redirected has sent its
 * credential in clear before, and would again. Each readable request is answered with 400 and its connection closed;
 * what is not HTTP is closed without a word. Credentials that come by are handed to `exposures`. No answer carries HSTS
 * (RFC 6797 section 7.2).
 */
export class PlainListener {
  private constructor(private readonly server: ReturnType<typeof createServer>) {}

  /** Rejects with the error of the system when the address cannot be bound. */
  static async start(options: PlainListenerOptions): Promise<PlainListener> {
    const { listen, events, exposures } = options;
    const limits = { ...PLAIN_LIMITS, ...options.limits };
    const headers = (await computeSecurityHeaders()).filter(
      ([name]) => name !== 'strict-transport-security',
    );
    const strays = new SparseEvents(events);

    /** Records the one event of a request, and passes on what it gave away. */
    const record = (request: IncomingMessage, body: string): { correlationId: string } => {
      const credentials = presentedCredentials(request, body);
      const correlationId = newCorrelationId();
      const clientAddress = clientAddressOf(request.socket);
      const refused = { outcome: 'refused', correlationId, clientAddress } as const;
      if (credentials.tokens.length + credentials.apiKeys.length === 0) {
        strays.record(blockOf(clientAddress), {
          ...refused,
          type: 'transport',
          reason: PROBLEM.code,
        });
      } else {
        events.record({ ...refused, type: 'transport', reason: 'credential_sent_in_clear' });
        exposures.add(credentials, { correlationId, clientAddress });
      }
      return { correlationId };
    };
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      for (const [name, value] of headers) response.setHeader(name, value);
      beginningOf(request, limits.requestMs / 2, (body) => {
        sendProblem(response, { ...PROBLEM, ...record(request, body) });
      });
    };

    const server = createServer(httpServerOptions(limits));
    server.setTimeout(limits.stalledMs);
    limitConnections(server, limits, events);
    server.on('request', answer);
    server.on('checkContinue', answer);
    server.on('checkExpectation', answer);
    server.on('connect', (request: IncomingMessage) => {
      const { socket } = request;
      const bytes = problemMessage({ ...PROBLEM, ...record(request, '') }, headers);
      endWith(socket, bytes);
    });
    server.on('clientError', (_error, socket) => socket.destroy());
    server.listen(listen.port, listen.host);
    await once(server, 'listening');
    return new PlainListener(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** Calls back once, with the first kilobyte of a body, or with what there is of it when nothing more comes. */
function beginningOf(
  request: IncomingMessage,
  withinMs: number,
  done: (body: string) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const end = () => {
    clearTimeout(timer);
    request.off('data', take).off('end', end).off('close', end);
    request.resume();
    done(Buffer.concat(chunks).subarray(0, BODY_BYTES).toString('latin1'));
  };
  const timer = setTimeout(end, withinMs);
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= BODY_BYTES) end();
  };
  request.on('data', take).once('end', end).once('close', end);
}
