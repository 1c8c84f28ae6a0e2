import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import type { SvidSource, TrustBundle } from '@sallyport/workload-identity';
import { connectionUnder } from './connection-under';

const bundles = new WeakMap<Socket, TrustBundle>();

/**
 * Remembers of each connection of a server which bundle its handshake was begun with. What a server is not shown of a
 * client's chain it cannot verify again: it can only know whether what the handshake has verified still counts.
 */
export function rememberBundles(
  server: TlsServer | HttpsServer,
  source: Pick<SvidSource, 'current'>,
): void {
  server.on('connection', (connection: Socket) => {
    try {
      bundles.set(connection, source.current().bundle);
    } catch {
      // There is no identity at the moment: nothing is known of this handshake.
    }
  });
}

/** Undefined where it is not known: then the chain has to be verified. */
export function bundleOfHandshake(socket: TLSSocket): TrustBundle | undefined {
  const connection = connectionUnder(socket);
  return connection && bundles.get(connection);
}
