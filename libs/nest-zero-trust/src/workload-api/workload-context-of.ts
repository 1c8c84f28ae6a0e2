import type { spiffeWorkload } from '@sallyport/contracts';
import {
  certificatesPemOfDer,
  privateKeyPemOfDer,
  Svid,
  SvidRejected,
  TrustBundle,
  TrustBundleInvalid,
  verifySvidChain,
  type SpiffeId,
  type WorkloadContext,
} from '@sallyport/workload-identity';

/** What an answer is good for: an identity, that there is none any more, or nothing at all. */
export type ReceivedIdentity =
  | { readonly kind: 'granted'; readonly context: WorkloadContext }
  /** It is complete, and the expected identity is not in it. */
  | { readonly kind: 'withdrawn'; readonly detail: string }
  | { readonly kind: 'unusable'; readonly detail: string; readonly cause?: unknown };

/**
 * The identity in an answer of the Workload API: the first of the expected id, verified as an SVID that comes from files is.
 * Bundles of other trust domains and revocation lists are not looked at: no foreign workload is believed here, and leaves
 * live too short for lists.
 */
export function workloadContextOf(
  { svids }: spiffeWorkload.X509SVIDResponse,
  { expectedId, now }: { readonly expectedId: SpiffeId; readonly now: Date },
): ReceivedIdentity {
  if (svids.length === 0) return { kind: 'unusable', detail: 'the answer holds no identity' };
  const received = svids.find(({ spiffeId }) => spiffeId === expectedId.toString());
  if (!received) {
    const given = svids.map(({ spiffeId }) => spiffeId).join(', ');
    return { kind: 'withdrawn', detail: `expected ${expectedId.toString()}, given ${given}` };
  }
  const certificateChainPem = certificatesPemOfDer(received.x509Svid);
  const bundlePem = certificatesPemOfDer(received.bundle);
  if (certificateChainPem === undefined || bundlePem === undefined) {
    const which = bundlePem === undefined ? 'bundle' : 'certificate chain';
    return { kind: 'unusable', detail: `the ${which} is not a sequence of certificates` };
  }
  try {
    const privateKeyPem = privateKeyPemOfDer(received.x509SvidKey);
    const svid = Svid.parse({ certificateChainPem, privateKeyPem });
    const bundle = TrustBundle.parse(bundlePem);
    verifySvidChain(svid.chain, bundle, { now, trustDomain: expectedId.trustDomain });
    if (!svid.spiffeId.equals(expectedId)) {
      return { kind: 'unusable', detail: `the certificate is for ${svid.spiffeId.toString()}` };
    }
    return { kind: 'granted', context: { svid, bundle } };
  } catch (cause) {
    if (!(cause instanceof SvidRejected || cause instanceof TrustBundleInvalid)) throw cause;
    return { kind: 'unusable', detail: cause.message, cause };
  }
}
