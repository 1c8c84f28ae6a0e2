import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** The connection under a TLS socket. Not public API: who asks has to do without an answer. */
export function connectionUnder(socket: TLSSocket): Socket | undefined {
  const connection: unknown = Reflect.get(socket, '_parent');
  return connection instanceof Socket ? connection : undefined;
}
