import type { IncomingMessage } from 'node:http';
import {
  isTracing,
  runInSpan,
  TRACE_PARENT_HEADER,
  type TraceSpan,
} from '@sallyport/observability';
import { SvidRejected } from '@sallyport/workload-identity';
import { CORRELATION_HEADER } from '../inbound/admission';
import { PeerIdentities } from '../inbound/peer-identities';
import type { ServiceTrust } from '../inbound/service-trust';
import { endHttpSpan, startHttpSpan } from './http-spans';

interface InternalRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Fastify hooks of an internal listener. */
export interface InternalRequestTracing {
  readonly onRequest: (request: InternalRequest, reply: unknown, done: () => void) => void;
  readonly onResponse: (
    request: InternalRequest,
    reply: { readonly statusCode: number },
    done: () => void,
  ) => void;
}

/**
 * A span for each request to an internal listener. It continues the trace of the caller if that is a workload of the trust
 * domain (R2), and else begins one: who may call what is decided later, by what the handler declares.
 */
export function internalRequestTracing({
  workload: { trustDomain },
  source,
  clock,
}: Pick<ServiceTrust, 'workload' | 'source' | 'clock'>): InternalRequestTracing {
  const peers = new PeerIdentities({ trustDomain, context: () => source.current(), clock });
  const spans = new WeakMap<IncomingMessage, TraceSpan>();
  const isWorkload = ({ socket }: IncomingMessage): boolean => {
    try {
      peers.identify(socket, socket);
      return true;
    } catch (error) {
      if (error instanceof SvidRejected) return false;
      throw error;
    }
  };
  return {
    onRequest({ raw, routeOptions }, _reply, done) {
      if (!isTracing()) {
        done();
        return;
      }
      const { method = '', httpVersion, headersDistinct: headers } = raw;
      const span = startHttpSpan({
        method,
        route: routeOptions.url,
        httpVersion,
        correlationId: headers[CORRELATION_HEADER]?.[0],
        ...(isWorkload(raw) && { believed: headers[TRACE_PARENT_HEADER] ?? [] }),
      });
      if (span !== undefined) spans.set(raw, span);
      runInSpan(span, done);
    },
    onResponse({ raw }, { statusCode }, done) {
      const span = spans.get(raw);
      if (span !== undefined) endHttpSpan(span, statusCode);
      done();
    },
  };
}
