import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { plainAddress, type TrustedHops } from '@sallyport/client-address';

const forwardedFrom = new WeakMap<IncomingMessage, string>();

/** The address the connection comes from, IPv4 in its own notation; behind a proxy, the proxy's. */
export function clientAddressOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>): string {
  return (remoteAddress !== undefined && plainAddress(remoteAddress)) || 'unknown';
}

/** Keeps where a request comes from by the word of trusted proxies, for {@link clientAddressOfRequest}. */
export function keepForwardedAddress(request: IncomingMessage, hops: TrustedHops): void {
  const peer = clientAddressOf(request.socket);
  const address = hops.clientAddressOf(peer, request.headers);
  if (address !== peer) forwardedFrom.set(request, address);
}

/** The address a request comes from: what trusted proxies say, otherwise where its connection does. */
export function clientAddressOfRequest(request: IncomingMessage): string {
  return forwardedFrom.get(request) ?? clientAddressOf(request.socket);
}
