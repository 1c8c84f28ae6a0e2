import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { RpcStatus } from '@sallyport/contracts';
import type { SvidPem } from '@sallyport/workload-identity';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts, ServiceName } from './cluster-facts';
import { endpointAt } from './dialling';
import type { EvidenceKey } from './evidence';
import { ConnectionLost, exchange } from './grpc-exchange';
import type { Rpc } from './rpc';
import { rememberSecretsOf } from './secrets-in-use';

/** One call by somebody inside the network, who may be anybody. */
export interface InternalCall<Request, Response> {
  /** The certificate to present, with its key; none at all when left out. */
  readonly svid?: SvidPem | undefined;
  /** `host:port` */
  readonly address: string;
  readonly method: Rpc<Request, Response>;
  readonly request: Request;
  /** Sent as it is: `-bin` values in base64, several values as several fields. */
  readonly metadata?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent behind the message, as no gRPC client would. */
  readonly trailers?: Readonly<Record<string, string>>;
  /** Speaks HTTP/2 in clear. */
  readonly plaintext?: boolean;
  /** Changes to the handshake, such as `{ maxVersion: 'TLSv1.2' }`. */
  readonly tls?: ConnectionOptions;
}

type Dialling = Pick<InternalCall<never, unknown>, 'address' | 'plaintext' | 'svid' | 'tls'>;

/** To a service; a TLS handshake has only begun when there is one. */
export interface InternalConnection {
  readonly session: ClientHttp2Session;
  readonly clientPort: number;
  end(): void;
}

/** The service answered, be it with a refusal. */
export interface AnsweredCall<Response> {
  readonly connection: 'accepted';
  readonly status: RpcStatus | 'OK';
  /** The gRPC status message; empty for `OK`. */
  readonly reason: string;
  /** Only of a call that is `OK`. */
  readonly response: Response | undefined;
  readonly correlationId: string;
  readonly key: EvidenceKey;
  /** Every name and value that came back, for a look at what should not be among them. */
  readonly received: string;
}

/** The connection ended without an answer. */
export interface RefusedConnection {
  readonly connection: 'refused';
  readonly error: string;
  readonly clientPort: number;
  readonly key: EvidenceKey;
}

export type CallOutcome<Response> = AnsweredCall<Response> | RefusedConnection;

/**
 * Calls services over gRPC on mutual TLS, straight on HTTP/2, so that nothing corrects what is sent. The
 * server must present a certificate of the cluster; which service it is does not matter to an attacker.
 * Every call has a connection of its own.
 */
export class InternalClient {
  readonly #certsFolder: string;
  #bundle: Buffer | undefined;

  constructor({ certsFolder }: Pick<ClusterFacts, 'certsFolder'> = sharedCluster()) {
    this.#certsFolder = certsFolder;
  }

  /** The SVID that a service of the cluster itself uses. */
  svidOf(service: ServiceName): SvidPem {
    const read = (file: string): string =>
      readFileSync(join(this.#certsFolder, 'workloads', service, file), 'utf8');
    return { certificateChainPem: read('tls.crt'), privateKeyPem: read('tls.key') };
  }

  async callAs<Request, Response>(
    call: InternalCall<Request, Response>,
  ): Promise<CallOutcome<Response>> {
    const since = new Date();
    rememberSecretsOf(call.metadata);
    rememberSecretsOf(call.trailers);
    const connection = await this.connect(call);
    const { clientPort } = connection;
    const correlationId = `e2e-${randomUUID()}`;
    try {
      const answer = await exchange(connection.session, call, correlationId);
      return { connection: 'accepted', correlationId, key: { correlationId }, ...answer };
    } catch (cause) {
      if (!(cause instanceof ConnectionLost)) throw cause;
      const key = { clientPort, since };
      return { connection: 'refused', error: cause.message, clientPort, key };
    } finally {
      connection.end();
    }
  }

  /** For calls that shall share a connection. Whoever asks for it ends it. */
  async connect(to: Dialling): Promise<InternalConnection> {
    const socket = await this.#dial(to);
    const authority = to.plaintext === true ? 'http://localhost' : 'https://localhost';
    const session = connectHttp2(authority, { createConnection: () => socket });
    // Told to whoever waits for an answer; between two calls to nobody.
    session.on('error', () => undefined);
    return {
      session,
      clientPort: socket.localPort ?? 0,
      end: () => {
        session.destroy();
        socket.destroy();
      },
    };
  }

  /** Resolves once the connection stands; a TLS handshake has then only begun. */
  async #dial({ address, plaintext, svid, tls }: Dialling): Promise<Socket> {
    const at = endpointAt(address);
    const socket =
      plaintext === true
        ? connectTcp(at)
        : connectTls({
            ...at,
            ca: (this.#bundle ??= readFileSync(join(this.#certsFolder, 'bundle.pem'))),
            cert: svid?.certificateChainPem,
            key: svid?.privateKeyPem,
            ALPNProtocols: ['h2'],
            checkServerIdentity: () => undefined,
            ...tls,
          });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return socket;
  }
}
