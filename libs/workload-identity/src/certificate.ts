import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { SvidRejected } from './svid-rejected.error';

const OID = {
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  extendedKeyUsage: '2.5.29.37',
} as const;

const EVALUATED: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.subjectAlternativeName,
  OID.basicConstraints,
  OID.extendedKeyUsage,
]);

/** A parsed, not yet verified certificate: what the X509-SVID profile and chain validation look at. */
export interface Certificate {
  /** Node's view: signature, issuer match, key. */
  readonly x509: X509Certificate;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly subjectIsEmpty: boolean;
  readonly isAuthority: boolean;
  /** Largest number of intermediates allowed below this authority; undefined when unlimited. */
  readonly pathLength: number | undefined;
  readonly uriNames: readonly string[];
  readonly alternativeNamesCritical: boolean;
  readonly keyUsage: { readonly critical: boolean; readonly flags: number } | undefined;
  /** Object identifiers; undefined when the extension is absent. */
  readonly extendedKeyUsage: readonly string[] | undefined;
}

/**
 * Parses one DER certificate; names are read from the DER, never from a printable form.
 * Refused here, because what follows could not be trusted: bytes after the certificate, an extension
 * that occurs twice (RFC 5280 §4.2), a critical extension that is not evaluated (§4.2), and name
 * constraints whether critical or not. Checks neither signature, nor time, nor profile.
 *
 * @throws {SvidRejected} `svid_malformed` or `svid_extension_refused`
 */
export function parseCertificate(der: Buffer): Certificate {
  const node = parse(() => new X509Certificate(der));
  if (node.raw.length !== der.length) {
    throw new SvidRejected('svid_malformed', 'there are bytes after the certificate');
  }
  const extensions = parse(() => new x509.X509Certificate(der).extensions);
  refuseExtensions(extensions);

  const constraints = find(extensions, x509.BasicConstraintsExtension);
  const names = find(extensions, x509.SubjectAlternativeNameExtension);
  const keyUsage = find(extensions, x509.KeyUsagesExtension);
  return {
    x509: node,
    notBefore: parseTime(node.validFrom),
    notAfter: parseTime(node.validTo),
    // Undefined, whatever its type says, for a name without attributes.
    subjectIsEmpty: !node.subject,
    isAuthority: constraints?.ca === true,
    pathLength: constraints?.pathLength,
    uriNames:
      names?.names.items.filter(({ type }) => type === 'url').map(({ value }) => value) ?? [],
    alternativeNamesCritical: names?.critical === true,
    keyUsage: keyUsage && { critical: keyUsage.critical, flags: keyUsage.usages },
    extendedKeyUsage: find(extensions, x509.ExtendedKeyUsageExtension)?.usages.map(String),
  };
}

function refuseExtensions(extensions: readonly x509.Extension[]): void {
  const seen = new Set<string>();
  for (const { type, critical } of extensions) {
    if (seen.has(type)) {
      throw new SvidRejected('svid_malformed', `the extension ${type} occurs twice`);
    }
    seen.add(type);
    if ((critical && !EVALUATED.has(type)) || type === OID.nameConstraints) {
      throw new SvidRejected('svid_extension_refused', `the extension ${type} is not evaluated`);
    }
  }
}

function find<E extends x509.Extension>(
  extensions: readonly x509.Extension[],
  type: abstract new (...args: never[]) => E,
): E | undefined {
  return extensions.find((extension): extension is E => extension instanceof type);
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new SvidRejected('svid_malformed', 'this is not an X.509 certificate', { cause });
  }
}

function parseTime(printed: string): Date {
  const time = new Date(printed);
  if (Number.isNaN(time.getTime())) {
    throw new SvidRejected('svid_malformed', 'the validity of the certificate cannot be read');
  }
  return time;
}
