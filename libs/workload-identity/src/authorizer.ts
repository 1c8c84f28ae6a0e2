import type { SpiffeId } from './spiffe-id';
import type { TrustDomain } from './trust-domain';

/** Decides whether a peer, whose SVID is verified, is one this workload wants to talk to. */
export type Authorizer = (peer: SpiffeId) => boolean;

/** Authorizes exactly one workload. */
export function authorizeId(id: SpiffeId): Authorizer {
  return (peer) => peer.equals(id);
}

/** Authorizes the listed workloads; an empty list authorizes none. */
export function authorizeOneOf(ids: readonly SpiffeId[]): Authorizer {
  return (peer) => ids.some((id) => peer.equals(id));
}

/** Authorizes every workload of a trust domain. */
export function authorizeMemberOf(trustDomain: TrustDomain): Authorizer {
  return (peer) => peer.trustDomain.equals(trustDomain);
}
