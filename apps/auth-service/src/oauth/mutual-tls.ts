import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { parseCertificateName } from '../partners/certificate-name';
import { parseDistinguishedName } from '@sallyport/workload-identity';
import type { ClientCertificate, ClientCertificates } from './client-certificates';

type MutualTls = NonNullable<NonNullable<Configuration['features']>['mTLS']>;

/** Clients' certificates, and where clients present them. */
export interface MutualTlsSurroundings {
  readonly certificates: Pick<ClientCertificates, 'of'>;
  /** Base URL of the gateway's listener that demands them. */
  readonly url: string;
}

/**
 * Authentication of clients by certificate, and tokens that are bound to one (RFC 8705). Not by self-signed ones: the
 * listener takes those of its authorities alone.
 */
export function mutualTlsFeature(mutualTls: MutualTlsSurroundings | undefined): MutualTls {
  if (mutualTls === undefined) return { enabled: false };
  const { certificates } = mutualTls;
  const presented = ({ req }: KoaContextWithOIDC) => certificates.of(req);
  return {
    enabled: true,
    tlsClientAuth: true,
    selfSignedTlsClientAuth: false,
    certificateBoundAccessTokens: true,
    getCertificate: (context) => presented(context)?.x509,
    certificateAuthorized: (context) => presented(context) !== undefined,
    certificateSubjectMatches: (context, property, expected) => {
      const certificate = presented(context);
      return certificate !== undefined && isNamed(certificate, property, expected);
    },
  };
}

/** What the discovery document says of it (RFC 8705 sections 3.3 and 5). */
export function mutualTlsDiscovery(mutualTls: MutualTlsSurroundings | undefined): object {
  if (mutualTls === undefined) return {};
  const at = (endpoint: string) => `${mutualTls.url}/oauth2/${endpoint}`;
  return {
    mtls_endpoint_aliases: {
      token_endpoint: at('token'),
      pushed_authorization_request_endpoint: at('par'),
      userinfo_endpoint: at('userinfo'),
      introspection_endpoint: at('introspect'),
      revocation_endpoint: at('revoke'),
    },
  };
}

/** Whether a certificate has the one name a client is registered with (RFC 8705 section 2.1.2), read from its DER. */
export function isNamed(
  { names, subject }: Pick<ClientCertificate, 'names' | 'subject'>,
  property: string,
  expected: string,
): boolean {
  switch (property) {
    case 'tls_client_auth_san_dns':
    case 'tls_client_auth_san_uri': {
      const name = parseCertificateName(`${property.slice(-3)}:${expected}`);
      return name !== undefined && names.includes(name);
    }
    case 'tls_client_auth_subject_dn': {
      const name = parseDistinguishedName(expected);
      return name !== undefined && name === subject;
    }
    // Of the other properties none is ever registered.
    default:
      return false;
  }
}
