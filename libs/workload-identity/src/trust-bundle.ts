import type { X509Certificate } from 'node:crypto';
import { parseCertificate, type Certificate } from './certificate';
import { parseCertificatesPem } from './pem';
import { spiffeIdOfAuthority } from './svid-profile';

/** A text is not a trust bundle. The message is one line. */
export class TrustBundleInvalid extends Error {
  override readonly name = 'TrustBundleInvalid';
  readonly code = 'trust_bundle_invalid';
}

/**
 * The root certificates a workload trusts. During a root rotation it holds the old and the new one.
 * Opaque and immutable; holds at least one, and all of them may sign. A root past its validity stays
 * in the bundle and vouches for nothing.
 */
export class TrustBundle {
  readonly #roots: readonly Certificate[];

  private constructor(roots: readonly Certificate[]) {
    this.#roots = roots;
  }

  /** @throws {TrustBundleInvalid} when the text holds no, a broken, or a non-signing certificate */
  static parse(pem: string): TrustBundle {
    const ders = parseCertificatesPem(pem);
    if (!ders) throw new TrustBundleInvalid('there is no complete PEM certificate');
    return new TrustBundle(ders.map(parseRoot));
  }

  get roots(): readonly X509Certificate[] {
    return this.#roots.map(({ x509 }) => x509);
  }

  /** One PEM certificate per root. */
  get rootsPem(): readonly string[] {
    return this.roots.map((root) => root.toString());
  }

  get pem(): string {
    return this.rootsPem.join('');
  }

  contains(certificate: Certificate): boolean {
    return this.#roots.some(({ x509 }) => x509.raw.equals(certificate.x509.raw));
  }

  /** The roots whose key signed the certificate; whether they are valid now is not looked at. */
  rootsThatIssued(certificate: Certificate): readonly Certificate[] {
    return this.#roots.filter((root) => isIssuedBy(certificate, root));
  }
}

/** Whether the issuer's name, key identifier, usage and signature all fit. Checks no time. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    certificate.x509.checkIssued(issuer.x509) && certificate.x509.verify(issuer.x509.publicKey)
  );
}

function parseRoot(der: Buffer): Certificate {
  try {
    const root = parseCertificate(der);
    spiffeIdOfAuthority(root);
    return root;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TrustBundleInvalid(detail, { cause });
  }
}
