import {
  authorizeId,
  mutualTlsClientOptions,
  type SpiffeId,
  type SvidSource,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  errorTypeOf,
  failSpan,
  isTracing,
  startCallSpan,
  TRACE_PARENT_HEADER,
  traceparentFor,
  type SecurityEvents,
} from '@sallyport/observability';
import { recordServerRefusal } from '../handshakes/server-refusal';
import { requireGiven } from '../inbound/require-given';
import { serverAttributes } from '../tracing/rpc-spans';
import { Agent, buildConnector, Dispatcher } from 'undici';

export interface MutualTlsAgentOptions {
  readonly source: SvidSource;
  /** The one workload that may answer; host names prove nothing. */
  readonly peer: SpiffeId;
  /** Where a server that is somebody else leaves a trace. */
  readonly events?: SecurityEvents;
}

/** A request to the peer. */
export interface Exchange extends Omit<Dispatcher.RequestOptions, 'headers' | 'origin'> {
  readonly origin: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An undici dispatcher whose connections are mutual TLS 1.3 with this workload's identity, to one
 * peer; a request in clear fails. A renewed SVID or bundle serves the requests begun after it.
 *
 * @throws TypeError without a source or a peer
 */
export function mutualTlsAgent(options: MutualTlsAgentOptions): MutualTlsAgent {
  const { source, peer } = options;
  requireGiven({ source, peer });
  return new MutualTlsAgent(options);
}

export class MutualTlsAgent extends Dispatcher {
  readonly #unsubscribe: () => void;
  #agent: Agent;

  constructor({ source, ...server }: MutualTlsAgentOptions) {
    super();
    this.#agent = agentOf(source.current(), server);
    this.#unsubscribe = source.subscribe((context) => {
      const previous = this.#agent;
      this.#agent = agentOf(context, server);
      // Requests in flight end on the connection they began on.
      void previous.close();
    });
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    return this.#agent.dispatch(options, handler);
  }

  /** A request whose answer is part of the trace it is made for; how long its body takes is not. */
  async exchange(options: Exchange): Promise<Dispatcher.ResponseData> {
    const { origin, method, headers } = options;
    if (!isTracing()) return this.request({ ...options, headers: { ...headers } });
    const span = startCallSpan({
      name: method,
      attributes: {
        [ATTR_HTTP_REQUEST_METHOD]: method,
        ...serverAttributes(new URL(origin).host),
      },
    });
    const traceparent = traceparentFor(span);
    try {
      const answer = await this.request({
        ...options,
        headers: {
          ...headers,
          ...(traceparent !== undefined && { [TRACE_PARENT_HEADER]: traceparent }),
        },
      });
      span?.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, answer.statusCode);
      if (span && answer.statusCode >= 400) failSpan(span, String(answer.statusCode));
      return answer;
    } catch (error) {
      if (span) failSpan(span, errorTypeOf(error));
      throw error;
    } finally {
      span?.end();
    }
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | void {
    this.#unsubscribe();
    const closed = this.#agent.close();
    return callback ? void closed.then(callback, callback) : closed;
  }
}

function agentOf(
  context: WorkloadContext,
  { peer, events }: Omit<MutualTlsAgentOptions, 'source'>,
): Agent {
  const connectSecurely = buildConnector({
    ...mutualTlsClientOptions(context, authorizeId(peer)),
    // Node does not ask checkServerIdentity about a resumed session.
    maxCachedSessions: 0,
  });
  return new Agent({
    connect: (options, callback) => {
      if (options.protocol !== 'https:') {
        callback(new TypeError(`${options.protocol} is not mutual TLS`), null);
        return;
      }
      const address = `${options.hostname}:${options.port}`;
      connectSecurely(options, (...outcome) => {
        const [failure] = outcome;
        if (failure) recordServerRefusal(failure, { peer, address, events });
        callback(...outcome);
      });
    },
  });
}
