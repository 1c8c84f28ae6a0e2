import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_URL_SCHEME,
  failSpan,
  startRequestSpan,
  type RequestDescription,
  type TraceSpan,
} from '@sallyport/observability';

/** What a span says of a request: nothing of its path, its query, its headers or its sender. */
export interface TracedHttpRequest extends Pick<RequestDescription, 'believed' | 'linked'> {
  readonly method: string;
  /** The route template; undefined when there is none. */
  readonly route: string | undefined;
  readonly httpVersion: string;
  readonly correlationId?: string | undefined;
}

/** The id that answers, log lines and security events carry. */
export const ATTR_CORRELATION_ID = 'sallyport.correlation_id';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Begins the span of a request to an HTTP listener; undefined when nothing is traced. */
export function startHttpSpan(request: TracedHttpRequest): TraceSpan | undefined {
  const { route, httpVersion, correlationId, believed, linked } = request;
  const method = METHODS.has(request.method) ? request.method : '_OTHER';
  const verb = method === '_OTHER' ? 'HTTP' : method;
  return startRequestSpan({
    name: route === undefined ? verb : `${verb} ${route}`,
    attributes: {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      [ATTR_URL_SCHEME]: 'https',
      [ATTR_NETWORK_PROTOCOL_VERSION]: httpVersion,
      ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
      ...(correlationId !== undefined && { [ATTR_CORRELATION_ID]: correlationId }),
    },
    ...(believed && { believed }),
    ...(linked && { linked }),
  });
}

/** Ends the span of a request. A refusal is what the client did, and no error of the server. */
export function endHttpSpan(span: TraceSpan, status: number): void {
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
  if (status >= 500) failSpan(span, String(status));
  span.end();
}
