import { ChannelCredentials } from '@grpc/grpc-js';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/**
 * Ends a connection whose TLS handshake takes too long. grpc-js alone waits for ever on a server that
 * accepts and then says nothing, and all calls with it.
 */
export class BoundedHandshakeCredentials extends ChannelCredentials {
  constructor(
    private readonly credentials: ChannelCredentials,
    private readonly timeoutMs: number,
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
      connect: (socket) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => {
            socket.destroy();
            // The TLS socket above does not report that as an error.
            reject(new Error('the TLS handshake takes too long'));
          }, this.timeoutMs);
          void connector
            .connect(socket)
            .then(resolve, reject)
            .finally(() => clearTimeout(timer));
        }),
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}
