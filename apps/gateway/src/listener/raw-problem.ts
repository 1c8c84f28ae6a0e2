import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { documentOf } from '@sallyport/nest-zero-trust';
import type { ProblemCode } from '../problems/problem-catalogue';
import type { ResponseHeaders } from './security-headers';

/** A refusal that no framework answers. */
export interface RawProblem {
  readonly status: number;
  readonly code: ProblemCode;
  readonly correlationId: string;
  readonly retryAfterSeconds?: number;
}

/** Answers a request with a problem document and closes its connection: what follows on it is not to be trusted. */
export function sendProblem(response: ServerResponse, problem: RawProblem): void {
  response.writeHead(problem.status, problemHeaders(problem));
  response.end(document(problem));
}

/** The same answer as bytes, for a connection that has no response object. */
export function problemMessage(problem: RawProblem, headers: ResponseHeaders): string {
  const body = document(problem);
  const fields = [
    ...headers,
    ...Object.entries(problemHeaders(problem)),
    ['content-length', String(Buffer.byteLength(body))],
    ['date', new Date().toUTCString()],
  ];
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');
}

/** How long a client may take to read its last bytes, in milliseconds. */
const LAST_BYTES_MS = 5_000;

/**
 * Writes the last bytes of a connection and closes it. What happens to it afterwards is nobody's concern any more: Node
 * hands over a connection of `connect` and `upgrade` without its own listeners, and an error nobody listens to would
 * end the process.
 */
export function endWith(socket: Socket, bytes: string): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(LAST_BYTES_MS, () => socket.destroy());
  socket.end(bytes, () => socket.destroy());
}

function problemHeaders({ correlationId, retryAfterSeconds }: RawProblem): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    'x-correlation-id': correlationId,
    connection: 'close',
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  };
}

function document({ correlationId, status, code }: RawProblem): string {
  return JSON.stringify(documentOf({ status, code }, correlationId));
}
