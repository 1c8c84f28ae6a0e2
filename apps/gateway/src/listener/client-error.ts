import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import type { ProblemCode } from '../problems/problem-catalogue';
import { clientAddressOf } from './client-address';
import { endWith, problemMessage } from './raw-problem';
import type { ResponseHeaders } from './security-headers';

export interface ClientErrorContext {
  readonly error: NodeJS.ErrnoException;
  readonly socket: Socket;
  readonly headers: ResponseHeaders;
  readonly events: SecurityEvents;
  /** The response that was begun last on the socket. */
  readonly response: ServerResponse | undefined;
}

interface ByteRefusal {
  readonly status: number;
  readonly code: ProblemCode;
}

const MALFORMED: ByteRefusal = { status: 400, code: 'request_malformed' };

/** What Node's parser can find wrong, by its error codes, that is not plain malformation. */
const REFUSAL_OF: Readonly<Partial<Record<string, ByteRefusal>>> = {
  HPE_HEADER_OVERFLOW: { status: 431, code: 'headers_too_large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'body_too_large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout' },
};

/** Answers a connection whose bytes are not an HTTP request, records one security event and closes it. */
export function answerClientError(context: ClientErrorContext): void {
  const { error, socket, headers, events, response } = context;
  const answering = response?.headersSent === true && !response.writableFinished;
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const refusal = REFUSAL_OF[error.code ?? ''] ?? MALFORMED;
  const correlationId = newCorrelationId();
  events.record({
    type: 'request',
    outcome: 'refused',
    reason: refusal.code,
    correlationId,
    clientAddress: clientAddressOf(socket),
  });
  endWith(socket, problemMessage({ ...refusal, correlationId }, headers));
}
