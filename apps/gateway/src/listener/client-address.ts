import type { Socket } from 'node:net';

/** The address the connection comes from, IPv4 in its own notation. No header is asked: none comes from a trusted hop. */
export function clientAddressOf(socket: Pick<Socket, 'remoteAddress'>): string {
  return socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? 'unknown';
}
