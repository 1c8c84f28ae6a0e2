import { ConfigurationError } from './configuration-error';
import { field, type Field } from './field';
import { directory } from './path-fields';

/** Where a workload's X.509-SVID comes from, one of the two; spread into a service's schema. */
export const identitySettings = {
  /** Holds the workload's `tls.crt`, `tls.key` and `ca.crt`. */
  SVID_DIR: directory().optional(),
  /** The SPIFFE Workload API instead of a directory, as `unix:///path`; the name is that of the Workload Endpoint specification. */
  SPIFFE_ENDPOINT_SOCKET: endpointSocket().optional(),
} as const;

interface IdentitySettings {
  readonly SVID_DIR?: string | undefined;
  readonly SPIFFE_ENDPOINT_SOCKET?: string | undefined;
}

/**
 * Whichever of the two is given.
 *
 * @throws ConfigurationError when neither is, or both are
 */
export function identityOriginOf({
  SVID_DIR: directory,
  SPIFFE_ENDPOINT_SOCKET: endpoint,
}: IdentitySettings): { readonly directory: string } | { readonly endpoint: string } {
  if (directory !== undefined && endpoint !== undefined) {
    throw new ConfigurationError('SVID_DIR', 'not accepted beside SPIFFE_ENDPOINT_SOCKET');
  }
  if (directory !== undefined) return { directory };
  if (endpoint !== undefined) return { endpoint };
  throw new ConfigurationError(
    'SVID_DIR',
    'expected a readable directory unless SPIFFE_ENDPOINT_SOCKET is given, but it is not set',
  );
}

/** A Unix domain socket as the Workload Endpoint specification writes it (§4): `unix:///absolute/path`, and nothing else. */
function endpointSocket(): Field<string> {
  return field({
    expected: 'unix:///path of a socket',
    parse: (text) => (/^unix:\/\/(?:\/[\w.-]+)+$/.test(text) ? text : undefined),
  });
}
