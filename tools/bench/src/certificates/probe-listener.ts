import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import type { WorkloadContext } from '@sallyport/workload-identity';

/** A mutual TLS listener of the cluster. */
export interface Listener {
  readonly service: string;
  readonly protocol: 'h2' | 'http/1.1';
  readonly port: number;
}

/** How a listener took a certificate. */
export interface Taken {
  readonly accepted: boolean;
  /** Of the leaf that the listener presented. */
  readonly serialNumber: string | undefined;
}

const ANSWER_WITHIN_MS = 5_000;

const dial = ({ svid, bundle }: WorkloadContext, { protocol, port }: Listener): TLSSocket =>
  connect({
    host: '127.0.0.1',
    port,
    cert: svid.certificateChainPem,
    key: svid.privateKeyPem,
    ca: [...bundle.rootsPem],
    ALPNProtocols: [protocol],
    minVersion: 'TLSv1.3',
    // Looks at what is presented; whether it is the right workload is not asked here.
    checkServerIdentity: () => undefined,
  });

/**
 * Makes one connection with this identity. In TLS 1.3 a server refuses a client's certificate after the client has finished, so
 * an accepted connection is one on which something comes back.
 */
export const probe = async (identity: WorkloadContext, listener: Listener): Promise<Taken> => {
  const socket = dial(identity, listener);
  let serialNumber: string | undefined;
  socket.once('secureConnect', () => {
    serialNumber = socket.getPeerX509Certificate()?.serialNumber;
    socket.write(listener.protocol === 'h2' ? PREFACE : REQUEST);
  });
  const accepted = await new Promise<boolean>((resolve) => {
    socket.setTimeout(ANSWER_WITHIN_MS, () => resolve(false));
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
  socket.destroy();
  return { accepted, serialNumber };
};

/** The connection preface of HTTP/2 (RFC 9113 §3.4) with empty SETTINGS, which are answered with the server's. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const REQUEST = 'HEAD / HTTP/1.1\r\nhost: auth-service\r\nconnection: close\r\n\r\n';

/** One gRPC connection that is kept, and made anew whenever the server ends it. */
export class KeptConnection {
  #session: ClientHttp2Session;

  constructor(
    private readonly identity: WorkloadContext,
    private readonly listener: Listener,
  ) {
    this.#session = this.#open();
  }

  /** Whether a call on it gets past the look at who calls: to "there is no such method". */
  async isAccepted(): Promise<boolean> {
    const before = this.#session;
    if (await this.#call()) return true;
    // Its age may have ended it below the call; then another one is made.
    if (before.destroyed || before.closed) this.#session = this.#open();
    return this.#call();
  }

  close(): void {
    this.#session.destroy();
  }

  async #call(): Promise<boolean> {
    if (this.#session.destroyed || this.#session.closed) return false;
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': '/sallyport.bench.v1.NoService/NoMethod',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: unknown;
    const read = (headers: Readonly<Record<string, unknown>>): void => {
      status = headers['grpc-status'] ?? status;
    };
    stream.on('response', read).on('trailers', read);
    stream.on('error', () => undefined);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stream.resume();
    stream.end(Buffer.alloc(5));
    await closed;
    return status === UNIMPLEMENTED;
  }

  #open(): ClientHttp2Session {
    const session = connectHttp2('https://127.0.0.1', {
      createConnection: () => dial(this.identity, this.listener),
    });
    return session.on('error', () => undefined);
  }
}

const UNIMPLEMENTED = '12';
