import type { IncomingHttpHeaders } from 'node:http';

/** RFC 9457 as the gateway writes it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly correlationId: string;
}

/** What came back from the gateway. */
export interface PublicResponse {
  readonly status: number;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** As received. */
  readonly body: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** The body, when it is a problem document. */
  readonly problem: Problem | undefined;
  /** The gateway's id of the request; what the services log carries it. */
  readonly correlationId: string;
}

export function publicResponse(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
): PublicResponse {
  const isProblem = headers['content-type']?.startsWith('application/problem+json') === true;
  const json = parseJson(body);
  return {
    status,
    headers,
    body,
    json,
    problem: isProblem ? (json as Problem) : undefined,
    correlationId: String(headers['x-correlation-id'] ?? ''),
  };
}

/** Reads what a connection received until it was closed: one response. */
export function parseResponse(received: string): PublicResponse {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const [statusLine = '', ...fields] = head.split('\r\n');
  const entries = fields.map((field) => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
  });
  const headers: IncomingHttpHeaders = Object.fromEntries(entries);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1] ?? 0);
  const body = rest.join('\r\n\r\n');
  const isChunked = headers['transfer-encoding'] === 'chunked';
  return publicResponse(status, headers, isChunked ? joinChunks(body) : body);
}

/** RFC 9112 section 7.1, for bodies of ASCII. */
function joinChunks(body: string): string {
  const end = body.indexOf('\r\n');
  const length = Number.parseInt(body.slice(0, end), 16);
  if (!(length > 0)) return '';
  const start = end + 2;
  return body.slice(start, start + length) + joinChunks(body.slice(start + length + 2));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
