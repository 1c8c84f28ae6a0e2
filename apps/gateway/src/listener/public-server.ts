import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { HYGIENE_STATUS } from '../hygiene/hygiene-check';
import { inspectRequest } from '../hygiene/inspect-request';
import { clientAddressOf } from './client-address';
import { answerClientError } from './client-error';
import type { PublicCertificate } from './public-certificate';
import { sendProblem } from './raw-problem';
import type { ResponseHeaders } from './security-headers';

export interface PublicServerOptions {
  readonly certificate: PublicCertificate;
  /** Set on every response before anything else sees the request. */
  readonly headers: ResponseHeaders;
  readonly events: SecurityEvents;
}

/** TLS 1.2 with forward secrecy and authenticated encryption only, or TLS 1.3 (RFC 9325 sections 3.1.1 and 4.2). */
const TLS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
} as const satisfies SecureContextOptions;

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
} as const;

/** The TLS settings that go with a certificate, also for `setSecureContext`, which forgets what it is not given. */
export function publicTlsOptions({ cert, key }: PublicCertificate): SecureContextOptions {
  return { ...TLS, cert, key };
}

/**
 * The public HTTPS listener (HTTP/1.1). Every response carries `headers`, those to unreadable requests included; a request
 * whose head fails {@link inspectRequest} is answered here with a problem and one security event, and `handler` never
 * sees it.
 */
export function createPublicServer(options: PublicServerOptions, handler: RequestListener): Server {
  const { certificate, headers, events } = options;
  const responses = new WeakMap<Socket, ServerResponse>();

  const server = createServer({
    ...publicTlsOptions(certificate),
    ...LIMITS,
    ALPNProtocols: ['http/1.1'],
    // Node would answer by itself, without the headers every response has to carry.
    requireHostHeader: false,
  });

  const begin = (request: IncomingMessage, response: ServerResponse) => {
    responses.set(request.socket, response);
    for (const [name, value] of headers) response.setHeader(name, value);
  };
  server.on('request', (request, response) => {
    begin(request, response);
    const refusal = inspectRequest(request);
    if (refusal === undefined) {
      handler(request, response);
      return;
    }
    const correlationId = newCorrelationId();
    events.record({
      type: 'request',
      outcome: 'refused',
      reason: refusal,
      correlationId,
      clientAddress: clientAddressOf(request.socket),
    });
    sendProblem(response, { status: HYGIENE_STATUS[refusal], code: refusal, correlationId });
  });
  server.on('checkExpectation', (request, response) => {
    begin(request, response);
    sendProblem(response, {
      status: 417,
      code: 'expectation_failed',
      correlationId: newCorrelationId(),
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    answerClientError({ error, socket, headers, events, response: responses.get(socket) });
  });
  return server;
}
