import { addressBlock } from '@sallyport/client-address';
import type { Principal } from '@sallyport/principal';
import { apiKeyOf } from '../api-keys/resolved-api-key';
import type { IdentityKind } from './rate-limit-policy';

/** Whose quota a request is taken from. */
export interface Identity {
  readonly kind: IdentityKind;
  /** Unique among identities of the kind; never a credential. */
  readonly id: string;
  /** Reads and writes of a window together, in place of what the policy says of either. */
  readonly requestsPerMinute?: number | undefined;
}

/** What is counted of a credential. */
type Counted = Omit<Identity, 'kind'>;

/**
 * Credentials that are counted by themselves instead of by whom they speak for, so that one of several that somebody
 * holds cannot use up what the others need. The first that knows a principal has it.
 */
const COUNTED_CREDENTIALS: ReadonlyMap<
  IdentityKind,
  (principal: Principal) => Counted | undefined
> = new Map([['api_key', apiKeyOf]]);

/** By what an authenticated request is counted; by nothing the request itself could vary. */
export function identityOf(principal: Principal): Identity {
  for (const [kind, countedOf] of COUNTED_CREDENTIALS) {
    const counted = countedOf(principal);
    if (counted !== undefined) return { kind, ...counted };
  }
  return { kind: principal.type, id: principal.id };
}

/** By what a request is counted that nobody has authenticated: what one subscriber commands of addresses. */
export function identityOfAddress(clientAddress: string): Identity {
  return { kind: 'anonymous', id: addressBlock(clientAddress) ?? 'unknown' };
}
