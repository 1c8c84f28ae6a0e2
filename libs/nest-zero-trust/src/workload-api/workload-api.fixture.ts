import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Metadata,
  Server,
  ServerCredentials,
  status,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { spiffeWorkload } from '@sallyport/contracts';
import type { WorkloadContext } from '@sallyport/workload-identity';

type Stream = ServerWritableStream<unknown, spiffeWorkload.X509SVIDResponse>;

const { fetchX509SVID } = spiffeWorkload.SpiffeWorkloadAPIDefinition.methods;

/** A small agent: what it answers is set by the test, and sent to whoever is connected. */
export class FakeWorkloadApi {
  /** What each stream was opened with. */
  readonly opened: Metadata[] = [];
  readonly #streams = new Set<Stream>();
  #server: Server | undefined;
  #answer: spiffeWorkload.X509SVIDResponse | number = status.PERMISSION_DENIED;

  private constructor(readonly folder: string) {}

  /** It listens already, and has nothing for anybody. */
  static async start(): Promise<FakeWorkloadApi> {
    const api = new FakeWorkloadApi(await mkdtemp(join(tmpdir(), 'workload-api-')));
    await api.resume();
    return api;
  }

  get endpoint(): string {
    return `unix://${join(this.folder, 'agent.sock')}`;
  }

  /** Sends it to the streams there are and to those to come. */
  answer(answer: spiffeWorkload.X509SVIDResponse): void {
    this.#answer = answer;
    for (const stream of this.#streams) stream.write(answer);
  }

  /** Ends the streams there are, and those to come, with a gRPC status. */
  refuse(code: number): void {
    this.#answer = code;
    for (const stream of this.#streams) stream.emit('error', { code });
    this.#streams.clear();
  }

  /** As if the agent had died. */
  interrupt(): void {
    this.#streams.clear();
    this.#server?.forceShutdown();
  }

  async resume(): Promise<void> {
    const server = new Server();
    server.addService(
      {
        fetchX509SVID: {
          path: '/SpiffeWorkloadAPI/FetchX509SVID',
          requestStream: false,
          responseStream: true,
          requestSerialize: () => Buffer.alloc(0),
          requestDeserialize: (bytes: Buffer) => fetchX509SVID.requestType.decode(bytes),
          responseSerialize: (message: spiffeWorkload.X509SVIDResponse) =>
            Buffer.from(fetchX509SVID.responseType.encode(message).finish()),
          responseDeserialize: () => undefined,
        },
      },
      { fetchX509SVID: (stream: Stream) => this.#open(stream) },
    );
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(this.endpoint, ServerCredentials.createInsecure(), (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.interrupt();
    await rm(this.folder, { recursive: true });
  }

  #open(stream: Stream): void {
    this.opened.push(stream.metadata);
    if (stream.metadata.get('workload.spiffe.io')[0] !== 'true') {
      stream.emit('error', { code: status.INVALID_ARGUMENT });
    } else if (typeof this.#answer === 'number') {
      stream.emit('error', { code: this.#answer });
    } else {
      this.#streams.add(stream);
      stream.write(this.#answer);
    }
  }
}

/** An identity in the form of the Workload API. */
export function x509SvidOf({ svid, bundle }: WorkloadContext): spiffeWorkload.X509SVID {
  return {
    spiffeId: svid.spiffeId.toString(),
    x509Svid: Buffer.concat(svid.chain),
    x509SvidKey: svid.privateKey.export({ type: 'pkcs8', format: 'der' }),
    bundle: Buffer.concat(bundle.roots.map(({ raw }) => raw)),
    hint: '',
  };
}

/** The answer that gives these identities. */
export function responseOf(
  ...svids: readonly spiffeWorkload.X509SVID[]
): spiffeWorkload.X509SVIDResponse {
  return { svids: [...svids], crl: [], federatedBundles: {} };
}
