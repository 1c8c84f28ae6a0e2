import { Client, Metadata, credentials, status } from '@grpc/grpc-js';
import type { ChannelCredentials, ServiceError } from '@grpc/grpc-js';

const DEADLINE_MS = 5_000;

const CHANNEL_OPTIONS = {
  // One attempt: a refused connection that were tried again later would be refused in the middle of another step.
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 60_000,
  // Addresses are numbers, which a TLS server name must not be.
  'grpc.ssl_target_name_override': 'localhost',
};

/** One unary call by somebody who may be anybody. */
export interface GrpcCall {
  /** `host:port` */
  readonly address: string;
  readonly credentials: ChannelCredentials;
  /** `/package.Service/Method` */
  readonly path: string;
  /** The encoded request. */
  readonly message: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
}

/** How a call ended: the name of its gRPC status, and what the callee said to it. */
export interface GrpcAnswer {
  readonly status: string;
  readonly reason: string;
}

/** A certificate to call with, and its key. */
export interface ClientCertificate {
  readonly certificateChainPem: string;
  readonly privateKeyPem: string;
}

/** TLS with this certificate, or with none; who the server is does not matter to an attacker. */
export function tlsCredentials(
  bundlePem: string,
  certificate: ClientCertificate | undefined,
): ChannelCredentials {
  const [key, chain] = certificate
    ? [Buffer.from(certificate.privateKeyPem), Buffer.from(certificate.certificateChainPem)]
    : [null, null];
  return credentials.createSsl(Buffer.from(bundlePem), key, chain, {
    checkServerIdentity: () => undefined,
  });
}

/** Calls once, over a connection of its own. */
export async function callGrpc(call: GrpcCall): Promise<GrpcAnswer> {
  const client = new Client(call.address, call.credentials, CHANNEL_OPTIONS);
  try {
    return await new Promise((resolve) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(call.metadata)) metadata.set(name, value);
      client.makeUnaryRequest(
        call.path,
        (message: Buffer) => message,
        (message) => message,
        Buffer.from(call.message),
        metadata,
        { deadline: Date.now() + DEADLINE_MS },
        (error: ServiceError | null) => {
          resolve(
            error === null
              ? { status: 'OK', reason: '' }
              : { status: status[error.code], reason: error.details },
          );
        },
      );
    });
  } finally {
    client.close();
  }
}
