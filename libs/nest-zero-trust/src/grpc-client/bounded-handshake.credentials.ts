import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/** The handshake took too long. */
class HandshakeTimeout extends Error {
  override readonly name = 'HandshakeTimeout';
  readonly code = 'ERR_TLS_HANDSHAKE_TIMEOUT';
}

/**
 * Ends a connection whose TLS handshake takes too long, and tells of every one that failed. grpc-js alone waits for ever on a server that
 * accepts and then says nothing, and all calls with it.
 */
export class BoundedHandshakeCredentials extends ChannelCredentials {
  constructor(
    private readonly credentials: ChannelCredentials,
    private readonly timeoutMs: number,
    private readonly onFailed: (failure: unknown) => void,
  ) {
    super();
  }

  override _isSecure(): boolean {
    return this.credentials._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(
    ...given: Parameters<ChannelCredentials['_createSecureConnector']>
  ): SecureConnector {
    const connector = this.credentials._createSecureConnector(...given);
    return {
      connect: async (socket) => {
        try {
          return await within(this.timeoutMs, socket, connector.connect(socket));
        } catch (failure) {
          this.onFailed(failure);
          throw failure;
        }
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}

function within<Result>(
  timeoutMs: number,
  socket: Socket,
  handshake: Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      // The TLS socket above does not report that as an error.
      reject(new HandshakeTimeout(`no TLS handshake within ${timeoutMs} ms`));
    }, timeoutMs);
    void handshake.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
