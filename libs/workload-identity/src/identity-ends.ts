import { X509Certificate } from 'node:crypto';
import type { WorkloadContext } from './svid.source';

/** The end of the certificate of a chain that ends first: from then on the chain proves nothing. */
export function endOfChain(chain: readonly X509Certificate[]): Date | undefined {
  return dateOf(Math.min(...chain.map(endOf)));
}

/**
 * When an identity ends: its SVID with the first certificate of its chain, its trust bundle with the last of its roots,
 * because an older one is kept there for what it has signed.
 */
export function identityEnds({ svid, bundle }: WorkloadContext): {
  readonly svid: Date | undefined;
  readonly trustBundle: Date | undefined;
} {
  return {
    svid: endOfChain(svid.chain.map((der) => new X509Certificate(der))),
    trustBundle: dateOf(Math.max(...bundle.roots.map(endOf))),
  };
}

function endOf({ validTo }: X509Certificate): number {
  return new Date(validTo).getTime();
}

function dateOf(ms: number): Date | undefined {
  return Number.isFinite(ms) ? new Date(ms) : undefined;
}
