import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ListenAddress } from '@sallyport/configuration';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { blockOf } from '../listener/block-count';
import { clientAddressOf } from '../listener/client-address';
import { limitConnections } from '../listener/connection-limits';
import { httpServerOptions, type ListenerLimits } from '../listener/listener-limits';
import { endWith, problemMessage, sendProblem, type RawProblem } from '../listener/raw-problem';
import { computeSecurityHeaders } from '../listener/security-headers';
import { SparseEvents } from '../listener/sparse-events';
import type { ExposureQueue } from './exposure-queue';
import {
  credentialsInBytes,
  presentedCredentials,
  presentsAny,
  type PresentedCredentials,
} from './presented-credentials';

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
  headBytes: 16 * 1024,
  handshakeMs: 0,
  headMs: 2_000,
  requestMs: 3_000,
  answerMs: 6_000,
  keepAliveMs: 1,
  stalledMs: 3_000,
  lookEveryMs: 500,
};

/** How much of a body is looked at. */
const BODY_BYTES = 8 * 1_024;

const PROBLEM = { status: 400, code: 'https_required' } as const;

/**
 * The listener for plain HTTP: it routes nothing and redirects nothing, because a client that is redirected has sent its
 * credential in clear before, and would again. Each readable request is answered with 400 and its connection closed;
 * what is not HTTP is closed without a word. Credentials that come by, in whatever is sent, are handed to `exposures`. No answer carries HSTS
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
    /** Connections of which a request was read. */
    const read = new WeakSet<Socket>();

    /** Records the one event of a request, and passes on what it gave away. */
    const record = (
      credentials: PresentedCredentials,
      clientAddress: string,
    ): { correlationId: string } => {
      const correlationId = newCorrelationId();
      const refused = { outcome: 'refused', correlationId, clientAddress } as const;
      if (presentsAny(credentials)) {
        events.record({ ...refused, type: 'transport', reason: 'credential_sent_in_clear' });
        exposures.add(credentials, { correlationId, clientAddress });
      } else {
        strays.record(blockOf(clientAddress), {
          ...refused,
          type: 'transport',
          reason: PROBLEM.code,
        });
      }
      return { correlationId };
    };
    const problemOf = (request: IncomingMessage, body: string): RawProblem => {
      const { socket } = request;
      read.add(socket);
      return {
        ...PROBLEM,
        ...record(presentedCredentials(request, body), clientAddressOf(socket)),
      };
    };
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      for (const [name, value] of headers) response.setHeader(name, value);
      beginningOf(request, limits.requestMs / 2, (body) => {
        sendProblem(response, problemOf(request, body));
      });
    };

    const server = createServer(httpServerOptions(limits));
    server.setTimeout(limits.stalledMs);
    limitConnections(server, limits, events);
    server.on('connection', (socket: Socket) => {
      const clientAddress = clientAddressOf(socket);
      keepFirstBytes(socket, (bytes) => {
        const credentials = credentialsInBytes(bytes);
        if (!read.has(socket) && presentsAny(credentials)) record(credentials, clientAddress);
      });
    });
    server.on('request', answer);
    server.on('checkContinue', answer);
    server.on('checkExpectation', answer);
    server.on('connect', (request: IncomingMessage) => {
      endWith(request.socket, problemMessage(problemOf(request, ''), headers));
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

/** Calls back once, with the first kilobytes of a body, or with what there is of it when nothing more comes. */
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

/** Calls back once a connection has ended, with the first bytes it has sent. */
function keepFirstBytes(socket: Socket, done: (bytes: string) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= PLAIN_LIMITS.headBytes + BODY_BYTES) socket.off('data', take);
  };
  // Before Node's parser, which closes the connection over bytes it cannot read.
  socket.prependListener('data', take);
  socket.once('close', () => {
    done(Buffer.concat(chunks).toString('latin1'));
  });
}
