import { parseCertificateName } from '../../partners/certificate-name';
import type { ClientMetadata } from './client-metadata';

/** By which name in its certificate a client is known: the metadata of RFC 8705 section 2.1.2, by their prefix here. */
const PROPERTY_OF = {
  dns: 'tls_client_auth_san_dns',
  uri: 'tls_client_auth_san_uri',
  dn: 'tls_client_auth_subject_dn',
} as const;

/**
 * The metadata that a name stands for, not validated yet: `dns:…` and `uri:…` for an alternative name, `dn:…` for the
 * subject as RFC 4514 writes it. Any other is metadata that is never valid.
 */
export function certificateNameMetadata(name: string): Readonly<Record<string, string>> {
  const written = parseCertificateName(name) ?? name;
  for (const [prefix, property] of Object.entries(PROPERTY_OF)) {
    if (written.startsWith(`${prefix}:`)) return { [property]: written.slice(prefix.length + 1) };
  }
  return { certificate_name: name };
}

/** The same name of a client that is registered; undefined when it does not authenticate by certificate. */
export function certificateNameOf(metadata: ClientMetadata): string | undefined {
  for (const prefix of ['dns', 'uri', 'dn'] as const) {
    const value = metadata[PROPERTY_OF[prefix]];
    if (value !== undefined) return `${prefix}:${value}`;
  }
  return undefined;
}
