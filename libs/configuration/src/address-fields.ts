import { isIPv6 } from 'node:net';
import { field, type Field } from './field';

/** Where a listener binds. Port 0 asks the system for a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `host:port` to bind, IPv6 in brackets; the host is mandatory, so that no listener is public by omission. */
export function listenAddress(): Field<ListenAddress> {
  return field<ListenAddress>({ expected: 'host:port', parse: (text) => hostAndPort(text, 0) });
}

/** `host:port` to connect to, IPv6 in brackets; gives the text. */
export function targetAddress(): Field<string> {
  return field({
    expected: 'host:port',
    parse: (text) => (hostAndPort(text, 1) === undefined ? undefined : text),
  });
}

function hostAndPort(text: string, lowestPort: number): ListenAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  if (match?.[1] !== undefined && !isIPv6(host)) return undefined;
  const port = Number(match?.[3]);
  return port >= lowestPort && port <= 65_535 ? { host, port } : undefined;
}
