import { connect as connectHttp2, constants, type OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ordersV1 } from '@sallyport/contracts';
import type { SvidPem } from '@sallyport/workload-identity';

/** How one call on a connection ended: its gRPC status, or undefined when the connection was lost. */
export interface Ending {
  readonly status: number | undefined;
  readonly message: string | undefined;
}

/** A client that checks nothing about the server and presents whatever it is given. */
export class RawClient {
  constructor(
    private readonly port: number,
    private readonly ca: string,
  ) {}

  tls(identity: Partial<SvidPem> = {}, options: ConnectionOptions = {}): TLSSocket {
    return connectTls({
      host: '127.0.0.1',
      port: this.port,
      ca: this.ca,
      cert: identity.certificateChainPem,
      key: identity.privateKeyPem,
      ALPNProtocols: ['h2'],
      checkServerIdentity: () => undefined,
      ...options,
    });
  }

  /** One connection, then calls on it one after another. */
  session(identity: Partial<SvidPem>) {
    const session = connectHttp2('https://127.0.0.1', {
      createConnection: () => this.tls(identity),
    });
    session.on('error', () => undefined);
    const connected = new Promise<void>((resolve) => {
      session.once('remoteSettings', () => {
        resolve();
      });
    });
    return {
      /** Once the server has accepted the connection. */
      connected,
      call: (path: string, headers: OutgoingHttpHeaders = {}): Promise<Ending> =>
        new Promise((resolve) => {
          if (session.destroyed) {
            resolve({ status: undefined, message: undefined });
            return;
          }
          const stream = session.request({
            ':method': 'POST',
            ':path': path,
            'content-type': 'application/grpc',
            te: 'trailers',
            ...headers,
          });
          let ending: Ending = { status: undefined, message: undefined };
          const read = (received: Record<string, unknown>): void => {
            const { [STATUS]: status, [MESSAGE]: message } = received;
            if (status !== undefined) ending = { status: Number(status), message: String(message) };
          };
          stream.on('response', read);
          stream.on('trailers', read);
          stream.on('error', () => undefined);
          stream.on('close', () => resolve(ending));
          stream.resume();
          stream.end(frame(ordersV1.GetOrderRequest.encode({ id: 'o-1' }).finish()));
        }),
      close: () => session.destroy(undefined, constants.NGHTTP2_CANCEL),
    };
  }
}

const STATUS = 'grpc-status';
const MESSAGE = 'grpc-message';

/** gRPC's length-prefixed message, uncompressed. */
function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
