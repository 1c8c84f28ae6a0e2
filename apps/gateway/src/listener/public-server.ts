import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TrustedHops } from '@sallyport/client-address';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { HYGIENE_STATUS } from '../hygiene/hygiene-check';
import { inspectRequest } from '../hygiene/inspect-request';
import { clientAddressOf, clientAddressOfRequest, keepForwardedAddress } from './client-address';
import { answerClientError } from './client-error';
import { limitConnections } from './connection-limits';
import { Drain } from './drain';
import { recordHandshakeFailures } from './handshake-failures';
import { httpServerOptions, PUBLIC_LIMITS, type ListenerLimits } from './listener-limits';
import type { PublicCertificate } from './public-certificate';
import { publicTlsOptions, renewTicketKeys } from './public-tls';
import { endWith, problemMessage, sendProblem, type RawProblem } from './raw-problem';
import type { ResponseHeaders } from './security-headers';

export interface PublicServerOptions {
  readonly certificate: PublicCertificate;
  /** Set on every response before anything else sees the request. */
  readonly headers: ResponseHeaders;
  readonly events: SecurityEvents;
  /** {@link PUBLIC_LIMITS} where left out. */
  readonly limits?: Partial<ListenerLimits>;
  /** Tells when the listener is to be left. */
  readonly drain?: Drain;
  /** Whose word counts about where a request comes from; nobody's when left out. */
  readonly trustedHops?: TrustedHops;
}

const RETRY_AFTER_SECONDS = 2;

/**
 * The public HTTPS listener (HTTP/1.1). Every response carries `headers`, those to unreadable requests included; a request
 * whose head fails {@link inspectRequest}, or that is one too many, is answered here with a problem and one security
 * event, and `handler` never sees it. Nothing is read from a connection after a refused request.
 */
export function createPublicServer(options: PublicServerOptions, handler: RequestListener): Server {
  const { certificate, headers, events } = options;
  const { drain = new Drain(), trustedHops = TrustedHops.NONE } = options;
  const limits = { ...PUBLIC_LIMITS, ...options.limits };
  const responses = new WeakMap<Socket, ServerResponse>();
  const requestsOf = new WeakMap<Socket, number>();
  const secured = new WeakSet<Socket>();
  const refused = new WeakSet<Socket>();
  let inFlight = 0;

  const server = createServer({
    ...publicTlsOptions(certificate),
    ...httpServerOptions(limits),
    handshakeTimeout: limits.handshakeMs,
    ALPNProtocols: ['http/1.1'],
  });
  server.setTimeout(limits.stalledMs);
  limitConnections(server, limits, events);
  recordHandshakeFailures(server, events);
  renewTicketKeys(server);

  const recorded = (reason: string, clientAddress: string): { correlationId: string } => {
    const correlationId = newCorrelationId();
    events.record({ type: 'request', outcome: 'refused', reason, correlationId, clientAddress });
    return { correlationId };
  };
  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    refusal: Omit<RawProblem, 'correlationId'>,
  ) => {
    refused.add(request.socket);
    const clientAddress = clientAddressOfRequest(request);
    sendProblem(response, { ...refusal, ...recorded(refusal.code, clientAddress) });
  };

  /** Whether the request may go on; it has been answered otherwise. */
  const admits = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { socket } = request;
    responses.set(socket, response);
    if (trustedHops !== TrustedHops.NONE) keepForwardedAddress(request, trustedHops);
    for (const [name, value] of headers) response.setHeader(name, value);
    const served = (requestsOf.get(socket) ?? 0) + 1;
    requestsOf.set(socket, served);
    if (drain.isUnderWay || served >= limits.requestsPerConnection) {
      response.shouldKeepAlive = false;
    }
    const refusal = inspectRequest(request);
    if (refusal !== undefined) {
      refuse(request, response, { status: HYGIENE_STATUS[refusal], code: refusal });
      return false;
    }
    if (inFlight >= limits.requestsInFlight) {
      const retryAfterSeconds = RETRY_AFTER_SECONDS;
      refuse(request, response, { status: 503, code: 'server_busy', retryAfterSeconds });
      return false;
    }
    inFlight += 1;
    response.once('close', () => {
      inFlight -= 1;
    });
    return true;
  };

  server.on('request', (request, response) => {
    if (admits(request, response)) handler(request, response);
  });
  // Node would ask for the body before the head has been looked at.
  server.on('checkContinue', (request, response) => {
    if (!admits(request, response)) return;
    response.writeContinue();
    handler(request, response);
  });
  server.on('checkExpectation', (request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    refuse(request, response, { status: 417, code: 'expectation_failed' });
  });
  // Node would close the connection without a word.
  server.on('connect', ({ socket }: IncomingMessage) => {
    const problem = { status: 405, code: 'method_not_allowed' } as const;
    const bytes = problemMessage(
      { ...problem, ...recorded(problem.code, clientAddressOf(socket)) },
      headers,
    );
    endWith(socket, bytes);
  });
  server.on('secureConnection', (socket) => secured.add(socket));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Without TLS there is nothing to answer in; a failed handshake comes by here as well.
    if (!secured.has(socket) || error.code?.startsWith('ERR_SSL_')) {
      socket.destroy();
      return;
    }
    // What is wrong with the rest of a refused request changes nothing: its answer closes the connection.
    if (refused.has(socket)) return;
    answerClientError({ error, socket, headers, events, response: responses.get(socket) });
  });
  return server;
}
