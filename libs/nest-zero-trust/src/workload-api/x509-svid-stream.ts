import { ChannelCredentials, Client, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { spiffeWorkload } from '@sallyport/contracts';

/** What a stream of identities does. After `onEnded` it does nothing any more. */
export interface X509SvidStreamListener {
  onResponse(response: spiffeWorkload.X509SVIDResponse): void;
  onEnded(end: StreamEnd): void;
}

export interface StreamEnd {
  /** The agent knows the caller and has nothing for it. */
  readonly refused: boolean;
  readonly detail: string;
  readonly cause?: unknown;
}

const { fetchX509SVID } = spiffeWorkload.SpiffeWorkloadAPIDefinition.methods;
const PATH = `/${spiffeWorkload.SpiffeWorkloadAPIDefinition.fullName}/${fetchX509SVID.name}`;

/**
 * A client of the SPIFFE Workload API on a Unix domain socket.
 *
 * The only channel of this library without TLS, as the Workload Endpoint specification has it (§4): there is no identity yet to
 * authenticate with, and the agent learns from the kernel which process is calling.
 */
export class WorkloadApiClient {
  readonly #client: Client;

  /** @param endpoint `unix:///path/of/the.sock` */
  constructor(endpoint: string) {
    this.#client = new Client(endpoint, ChannelCredentials.createInsecure(), {
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.default_authority': 'localhost',
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 5_000,
    });
  }

  /** @returns what ends the stream, without a call to the listener */
  fetchX509Svids(listener: X509SvidStreamListener): () => void {
    const metadata = new Metadata();
    // Proof that the request was not tricked out of somebody (Workload Endpoint §4.1).
    metadata.set('workload.spiffe.io', 'true');
    const stream = this.#client.makeServerStreamRequest(
      PATH,
      (request: spiffeWorkload.X509SVIDRequest) =>
        Buffer.from(fetchX509SVID.requestType.encode(request).finish()),
      (bytes: Buffer) => fetchX509SVID.responseType.decode(bytes),
      {},
      metadata,
    );
    let over = false;
    const end = (outcome: StreamEnd): void => {
      if (over) return;
      over = true;
      listener.onEnded(outcome);
    };
    stream.on('data', (response: spiffeWorkload.X509SVIDResponse) => {
      if (!over) listener.onResponse(response);
    });
    stream.on('error', (cause: ServiceError) => {
      const refused = cause.code === status.PERMISSION_DENIED;
      end({ refused, detail: detailOf(cause), cause });
    });
    stream.on('end', () => {
      end({ refused: false, detail: 'the agent ended the stream' });
    });
    return () => {
      over = true;
      stream.cancel();
    };
  }

  close(): void {
    this.#client.close();
  }
}

function detailOf({ code, details }: ServiceError): string {
  if (code === status.PERMISSION_DENIED) return 'the agent has no identity for this workload';
  return `${status[code]}: ${details.replace(/\s+/g, ' ')}`;
}
