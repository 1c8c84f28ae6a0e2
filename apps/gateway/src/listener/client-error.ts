import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import { clientAddressOf } from './client-address';
import { problemMessage } from './raw-problem';
import type { ResponseHeaders } from './security-headers';

export interface ClientErrorContext {
  readonly error: NodeJS.ErrnoException;
  readonly socket: Socket;
  readonly headers: ResponseHeaders;
  readonly events: SecurityEvents;
  /** The response that was begun last on the socket. */
  readonly response: ServerResponse | undefined;
}

/** What Node's parser found wrong with bytes that never became a request. */
function refusalOf({ code }: NodeJS.ErrnoException) {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 431, code: 'headers_too_large' } as const;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, code: 'request_timeout' } as const;
    default:
      return { status: 400, code: 'request_malformed' } as const;
  }
}

/** Answers a connection whose bytes are not an HTTP request, records one security event and closes it. */
export function answerClientError(context: ClientErrorContext): void {
  const { error, socket, headers, events, response } = context;
  const answering = response?.headersSent === true && !response.writableFinished;
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error);
  const correlationId = newCorrelationId();
  events.record({
    type: 'request',
    outcome: 'refused',
    reason: refusal.code,
    correlationId,
    clientAddress: clientAddressOf(socket),
  });
  socket.end(problemMessage({ ...refusal, correlationId }, headers), () => socket.destroy());
}
