import { isIP, isIPv6 } from 'node:net';
import type { AlternativeName } from './certificate-profile';

const DNS_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/** What the gateway's public certificate is for unless told otherwise. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Whether a server certificate can be issued for it: a DNS name in lower case without wildcards, or an IP address. */
export function isServerName(name: string): boolean {
  return isIP(name) !== 0 || DNS_NAME.test(name);
}

/** Whether the public certificate can be for it: of IPv6 addresses, the loopback one alone. */
export function isPublicName(name: string): boolean {
  return isServerName(name) && (!isIPv6(name) || LOOPBACK_NAMES.includes(name));
}

export function alternativeNameOf(name: string): AlternativeName {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name };
}
