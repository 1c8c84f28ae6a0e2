import { knownFacts } from './cluster-facts';

/** Where something listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Where a public URL is reached from here: as its cluster says, or as the URL does. */
export function endpointOf({ origin, hostname, port }: URL): Endpoint {
  const told = knownFacts().reachedAt[origin];
  if (told !== undefined) return endpointAt(told);
  return { host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port || 443) };
}

/** @param address `host:port` */
export function endpointAt(address: string): Endpoint {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}
