import { parseCertificate, type Certificate } from './certificate';
import { SpiffeId } from './spiffe-id';
import { SvidRejected } from './svid-rejected.error';

const DIGITAL_SIGNATURE = 1;
const KEY_CERT_SIGN = 1 << 5;
const CRL_SIGN = 1 << 6;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/**
 * The SPIFFE ID of a leaf certificate, read from its DER, after checking the complete leaf profile of
 * X509-SVID (§2, §4, §5.2, Appendix A): exactly one URI SAN, an id with a path, not an authority,
 * critical key usage with digitalSignature and without keyCertSign or cRLSign, extended key usage
 * either absent or with serverAuth and clientAuth, a critical SAN when the subject is empty.
 *
 * Checks neither signature, nor time, nor trust domain: the TLS handshake or
 * {@link verifySvidChain} does the first two, an authorizer or the latter the third.
 *
 * @throws {SvidRejected}
 */
export function spiffeIdOfCertificate(der: Buffer): SpiffeId {
  return spiffeIdOfLeaf(parseCertificate(der));
}

/** As {@link spiffeIdOfCertificate}, for a certificate that is parsed already. */
export function spiffeIdOfLeaf(leaf: Certificate): SpiffeId {
  // Both parsers are asked: the handshake goes by the other one's reading.
  if (leaf.isAuthority || leaf.x509.ca) {
    throw new SvidRejected('svid_is_ca', 'an authority certificate is not a leaf');
  }
  const flags = leaf.keyUsage?.critical === true ? leaf.keyUsage.flags : 0;
  if (!(flags & DIGITAL_SIGNATURE) || flags & (KEY_CERT_SIGN | CRL_SIGN)) {
    throw new SvidRejected(
      'svid_key_usage',
      'a leaf has a critical key usage with digitalSignature, without keyCertSign and cRLSign',
    );
  }
  validateExtendedKeyUsage(leaf);
  if (leaf.subjectIsEmpty && !leaf.alternativeNamesCritical) {
    throw new SvidRejected(
      'svid_san_not_critical',
      'a certificate without a subject has a critical subject alternative name',
    );
  }
  const [uri, ...more] = leaf.uriNames;
  if (uri === undefined) {
    throw new SvidRejected('svid_uri_san_missing', 'the certificate has no URI SAN');
  }
  const id = parseUriName(uri, more);
  if (id.path === '') {
    throw new SvidRejected('svid_path_missing', 'the SPIFFE ID of a leaf has a path');
  }
  return id;
}

/**
 * Validates the profile of a signing certificate (X509-SVID §3.2, §4.1, §4.3): authority with
 * keyCertSign; a SPIFFE ID, when there is one, without a path.
 *
 * @returns the SPIFFE ID, if the certificate carries one
 * @throws {SvidRejected}
 */
export function spiffeIdOfAuthority(authority: Certificate): SpiffeId | undefined {
  if (!authority.isAuthority || !((authority.keyUsage?.flags ?? 0) & KEY_CERT_SIGN)) {
    throw new SvidRejected(
      'svid_chain_untrusted',
      'a certificate of the chain may not sign others',
    );
  }
  validateExtendedKeyUsage(authority);
  const [uri, ...more] = authority.uriNames;
  if (uri === undefined) return undefined;
  const id = parseUriName(uri, more);
  if (id.path !== '') {
    throw new SvidRejected('svid_chain_untrusted', 'the SPIFFE ID of an authority has no path');
  }
  return id;
}

function validateExtendedKeyUsage({ extendedKeyUsage }: Certificate): void {
  if (extendedKeyUsage === undefined) return;
  if (!extendedKeyUsage.includes(SERVER_AUTH) || !extendedKeyUsage.includes(CLIENT_AUTH)) {
    throw new SvidRejected(
      'svid_ext_key_usage',
      'an extended key usage contains both serverAuth and clientAuth',
    );
  }
}

function parseUriName(uri: string, more: readonly string[]): SpiffeId {
  if (more.length > 0) {
    throw new SvidRejected(
      'svid_uri_san_multiple',
      `the certificate has ${more.length + 1} URI SANs, an SVID has exactly one`,
    );
  }
  try {
    return SpiffeId.parse(uri);
  } catch (cause) {
    throw new SvidRejected('svid_spiffe_id_invalid', 'the URI SAN is not a SPIFFE ID', { cause });
  }
}
