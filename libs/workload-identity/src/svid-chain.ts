import type { KeyObject } from 'node:crypto';
import { parseCertificate, type Certificate } from './certificate';
import type { SpiffeId } from './spiffe-id';
import { spiffeIdOfAuthority, spiffeIdOfLeaf } from './svid-profile';
import { SvidRejected } from './svid-rejected.error';
import { isIssuedBy, type TrustBundle } from './trust-bundle';
import type { TrustDomain } from './trust-domain';

const MAX_CHAIN_LENGTH = 4;

export interface SvidChainExpectation {
  readonly now: Date;
  readonly trustDomain: TrustDomain;
}

/** A leaf whose chain leads to the bundle. */
export interface VerifiedSvid {
  readonly spiffeId: SpiffeId;
  readonly publicKey: KeyObject;
  /** The span in which every certificate of the chain, root included, is valid. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * Verifies a chain that did not come through a TLS handshake, e.g. the `x5c` of a JWS: leaf first,
 * each certificate issued by the next, the last by a root of the bundle or that root itself (X509-SVID §5.1, RFC 5280 §6.1
 * without revocation and policies). The leaf has the complete profile, authorities may sign within
 * their path length, every certificate is valid now, and every SPIFFE ID is of the trust domain.
 *
 * @param chain DER certificates, at most four
 * @throws {SvidRejected}
 */
export function verifySvidChain(
  chain: readonly Buffer[],
  bundle: TrustBundle,
  expectation: SvidChainExpectation,
): SpiffeId {
  return verifyChain(chain, bundle, expectation).spiffeId;
}

/** As {@link verifySvidChain}, with what a caller needs to use and to remember the result. */
export function verifyChain(
  chain: readonly Buffer[],
  bundle: TrustBundle,
  { now, trustDomain }: SvidChainExpectation,
): VerifiedSvid {
  if (chain.length > MAX_CHAIN_LENGTH) {
    throw new SvidRejected('svid_chain_untrusted', 'the chain is too long');
  }
  const [leaf, ...authorities] = chain.map(parseCertificate);
  if (!leaf) throw new SvidRejected('svid_certificate_missing', 'the chain is empty');

  const spiffeId = spiffeIdOfLeaf(leaf);
  requireTrustDomain(spiffeId, trustDomain);
  const path = [leaf, ...authorities];
  const last = authorities.at(-1);
  // Some issuers send the root along; it counts as the root, not as one more intermediate.
  if (!last || !bundle.contains(last)) path.push(findRoot(last ?? leaf, bundle, now));
  path.slice(1).forEach((authority, intermediatesBelow) => {
    requireTrustDomain(spiffeIdOfAuthority(authority), trustDomain);
    if (authority.pathLength !== undefined && authority.pathLength < intermediatesBelow) {
      throw new SvidRejected('svid_chain_untrusted', 'the chain exceeds a path length');
    }
  });
  path.forEach((certificate, index) => {
    const issuer = path[index + 1];
    if (issuer && !isIssuedBy(certificate, issuer)) {
      throw new SvidRejected('svid_chain_untrusted', 'the chain is not in order');
    }
    validatePeriod(certificate, index === 0 ? 'the leaf' : 'an authority of the chain', now);
  });
  return { spiffeId, publicKey: leaf.x509.publicKey, ...commonPeriod(path) };
}

/** @throws {SvidRejected} `svid_expired` or `svid_not_yet_valid` */
function validatePeriod({ notBefore, notAfter }: Certificate, which: string, now: Date): void {
  if (now > notAfter) {
    throw new SvidRejected('svid_expired', `${which} expired at ${notAfter.toISOString()}`);
  }
  if (now < notBefore) {
    throw new SvidRejected(
      'svid_not_yet_valid',
      `${which} is valid only from ${notBefore.toISOString()}`,
    );
  }
}

function findRoot(last: Certificate, bundle: TrustBundle, now: Date): Certificate {
  const roots = bundle.rootsThatIssued(last);
  const root = roots.find((candidate) => now <= candidate.notAfter) ?? roots[0];
  if (!root) {
    throw new SvidRejected('svid_chain_untrusted', 'the chain does not lead to the trust bundle');
  }
  return root;
}

function requireTrustDomain(id: SpiffeId | undefined, trustDomain: TrustDomain): void {
  if (id && !id.trustDomain.equals(trustDomain)) {
    throw new SvidRejected(
      'trust_domain_foreign',
      `${id.toString()} is not of the trust domain ${trustDomain.toString()}`,
    );
  }
}

function commonPeriod(path: readonly Certificate[]): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(Math.max(...path.map(({ notBefore }) => notBefore.getTime()))),
    notAfter: new Date(Math.min(...path.map(({ notAfter }) => notAfter.getTime()))),
  };
}
