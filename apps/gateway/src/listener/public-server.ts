import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import { TrustedHops } from '@sallyport/client-address';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { HYGIENE_STATUS } from '../hygiene/hygiene-check';
import { inspectRequest } from '../hygiene/inspect-request';
import { admitPartners } from '../partners/admit-partners';
import type { PartnerAuthorities } from '../partners/partner-authorities';
import { checkPartnerCredentials } from '../partners/partner-request.check';
import { partnerTlsOptions } from '../partners/partner-tls';
import { clientAddressOfRequest, keepForwardedAddress } from './client-address';
import { answerClientError } from './client-error';
import { limitConnections } from './connection-limits';
import { Drain } from './drain';
import { recordHandshakeFailures } from './handshake-failures';
import { httpServerOptions, PUBLIC_LIMITS, type ListenerLimits } from './listener-limits';
import type { PublicCertificate } from './public-certificate';
import { publicTlsOptions, renewTicketKeys } from './public-tls';
import { QuietConnections } from './quiet-connections';
import { endWith, problemMessage, sendProblem, type RawProblem } from './raw-problem';
import type { RequestMetrics } from './request-metrics';
import { RequestsInFlight } from './requests-in-flight';
import type { ResponseHeaders } from './security-headers';
import { Turns } from './turns';

export interface PublicServerOptions {
  readonly certificate: PublicCertificate;
  /** Set on every response before anything else sees the request. */
  readonly headers: ResponseHeaders;
  readonly events: SecurityEvents;
  /** Counts what is answered here; nothing does when left out. */
  readonly requests?: Pick<RequestMetrics, 'countRefused'>;
  /** {@link PUBLIC_LIMITS} where left out. */
  readonly limits?: Partial<ListenerLimits>;
  /** Tells when the listener is to be left. */
  readonly drain?: Drain;
  /** Whose word counts about where a request comes from; nobody's when left out. */
  readonly trustedHops?: TrustedHops;
  /** Makes it the listener of partners, who present a certificate that one of these has signed. */
  readonly partnerAuthorities?: PartnerAuthorities;
}

const RETRY_AFTER_SECONDS = 2;

/**
 * An HTTPS listener for the outside (HTTP/1.1): the public one, or that of partners. Every response carries `headers`,
 * those to unreadable requests included; a request whose head fails {@link inspectRequest}, or that is one too many, is
 * answered here with a problem and one security event, and `handler` never sees it, nor anything that follows on its
 * connection ({@link Turns}).
 */
export function createPublicServer(options: PublicServerOptions, handler: RequestListener): Server {
  const { certificate, headers, events, requests, partnerAuthorities } = options;
  const { drain = new Drain(), trustedHops = TrustedHops.NONE } = options;
  const limits = { ...PUBLIC_LIMITS, ...options.limits };
  const turns = new Turns(limits.requestsPerConnection);
  const inFlight = new RequestsInFlight(limits);
  const secured = new WeakSet<Socket>();

  const server = createServer({
    ...(partnerAuthorities === undefined
      ? publicTlsOptions(certificate)
      : partnerTlsOptions(certificate, partnerAuthorities)),
    ...httpServerOptions(limits),
    handshakeTimeout: limits.handshakeMs,
    ALPNProtocols: ['http/1.1'],
  });
  server.setTimeout(limits.stalledMs);
  const quiet = new QuietConnections(server, limits);
  lookRegularly(server, limits.lookEveryMs, () => {
    quiet.endOverdue();
    inFlight.endOverdue();
  });
  drain.whenBegun(() => {
    inFlight.announceEnd();
  });
  limitConnections(server, limits, events);
  recordHandshakeFailures(server, events);
  if (partnerAuthorities === undefined) renewTicketKeys(server);
  else admitPartners(server, partnerAuthorities, events);

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
    turns.endWithAnswer(request.socket);
    const clientAddress = clientAddressOfRequest(request);
    requests?.countRefused(request.method, refusal.status);
    sendProblem(response, { ...refusal, ...recorded(refusal.code, clientAddress) });
  };

  /** Whether the request may go on; it has been answered otherwise, or follows one that was the last. */
  const admits = (request: IncomingMessage, response: ServerResponse): boolean => {
    const { socket } = request;
    if (!turns.begins(request, response)) return false;
    quiet.isUsed(socket);
    response.once('finish', () => {
      if (turns.responseOf(socket) === response) quiet.becomesQuiet(socket);
    });
    if (trustedHops !== TrustedHops.NONE) keepForwardedAddress(request, trustedHops);
    for (const [name, value] of headers) response.setHeader(name, value);
    if (drain.isUnderWay) turns.endWithAnswer(socket);
    const refusal =
      inspectRequest(request) ?? (partnerAuthorities && checkPartnerCredentials(request));
    if (refusal !== undefined) {
      refuse(request, response, { status: HYGIENE_STATUS[refusal], code: refusal });
      return false;
    }
    if (inFlight.takes(request, response)) return true;
    const retryAfterSeconds = RETRY_AFTER_SECONDS;
    refuse(request, response, { status: 503, code: 'server_busy', retryAfterSeconds });
    return false;
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
    if (!admits(request, response)) return;
    refuse(request, response, { status: 417, code: 'expectation_failed' });
  });
  // Node would close the connection without a word, and hands it over without a listener for its errors.
  server.on('connect', (request: IncomingMessage) => {
    const { socket } = request;
    socket.on('error', () => socket.destroy());
    if (turns.isLast(socket)) return;
    if (trustedHops !== TrustedHops.NONE) keepForwardedAddress(request, trustedHops);
    const objection = objectionToTunnel(request);
    const clientAddress = clientAddressOfRequest(request);
    requests?.countRefused(request.method, objection.status);
    const problem = { ...objection, ...recorded(objection.code, clientAddress) };
    if (turns.isAnswering(socket)) turns.endWithAnswer(socket);
    else endWith(socket, problemMessage(problem, headers));
  });
  server.on('secureConnection', (socket) => {
    secured.add(socket);
    quiet.add(socket);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Without TLS there is nothing to answer in; a failed handshake comes by here as well.
    if (!secured.has(socket) || error.code?.startsWith('ERR_SSL_')) {
      socket.destroy();
      return;
    }
    answerClientError({ error, socket, headers, events, requests, turns });
  });
  return server;
}

/** What a request for a tunnel is refused for, whose target is never a path. */
function objectionToTunnel(request: IncomingMessage): Omit<RawProblem, 'correlationId'> {
  const { method, httpVersion, rawHeaders, headers } = request;
  const first = inspectRequest(request);
  const objection =
    first === 'path_not_normalised'
      ? inspectRequest({ method, httpVersion, rawHeaders, headers, url: '/' })
      : first;
  return objection === undefined
    ? { status: 405, code: 'method_not_allowed' }
    : { status: HYGIENE_STATUS[objection], code: objection };
}

function lookRegularly(server: Server, everyMs: number, look: () => void): void {
  server.once('listening', () => {
    const timer = setInterval(look, everyMs).unref();
    server.once('close', () => {
      clearInterval(timer);
    });
  });
}
