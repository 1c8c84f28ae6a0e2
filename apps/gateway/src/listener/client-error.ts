import type { Socket } from 'node:net';
import { newCorrelationId, type SecurityEvents } from '@sallyport/observability';
import type { ProblemCode } from '../problems/problem-catalogue';
import { clientAddressOf } from './client-address';
import type { RequestMetrics } from './request-metrics';
import { endWith, problemMessage, type RawProblem } from './raw-problem';
import type { ResponseHeaders } from './security-headers';
import type { Turns } from './turns';

export interface ClientErrorContext {
  readonly error: NodeJS.ErrnoException;
  readonly socket: Socket;
  readonly headers: ResponseHeaders;
  readonly events: SecurityEvents;
  readonly requests?: Pick<RequestMetrics, 'countRefused'> | undefined;
  /** What of the connection has been answered. */
  readonly turns: Pick<Turns, 'responseOf' | 'isAnswering' | 'isLast' | 'endWithAnswer'>;
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

/**
 * Answers a connection whose bytes are not an HTTP request, records one security event and closes it. An answer that is
 * owed to an earlier request goes first, and is then the last.
 */
export function answerClientError(context: ClientErrorContext): void {
  const { error, socket, headers, turns } = context;
  const response = turns.responseOf(socket);
  // The bytes belong to the body of the request that is being answered, or to one behind it.
  const isOwn = response?.req.complete === false;
  const isUnanswered = isOwn && !response.headersSent;
  // What is wrong behind a last request, or with the rest of one that has its answer, changes nothing.
  if (turns.isLast(socket) && !isUnanswered) return;
  if (error.code === 'ECONNRESET' || !socket.writable || (isOwn && response.writableFinished)) {
    socket.destroy();
  } else if (turns.isAnswering(socket) && !isUnanswered) {
    if (!isOwn) record(context);
    turns.endWithAnswer(socket);
  } else {
    endWith(socket, problemMessage(record(context), headers));
  }
}

function record({ error, socket, events, requests }: ClientErrorContext): RawProblem {
  const refusal = REFUSAL_OF[error.code ?? ''] ?? MALFORMED;
  const correlationId = newCorrelationId();
  requests?.countRefused(undefined, refusal.status);
  events.record({
    type: 'request',
    outcome: 'refused',
    reason: refusal.code,
    correlationId,
    clientAddress: clientAddressOf(socket),
  });
  return { ...refusal, correlationId };
}
