import type { Identity } from './identity';
import {
  OVERRIDDEN_CLASSES,
  RATE_LIMIT_POLICY,
  REFUSED_CREDENTIALS,
  type IdentityKind,
  type RouteClass,
} from './rate-limit-policy';
import type { WindowCounters } from './window-counters';

/** Which quota a request was taken from: of a class, of reads and writes together, of refused credentials. */
export type PolicyName = RouteClass | 'requests' | 'refused';

/** What a quota allows after a request has been taken from it. */
export interface Verdict {
  readonly isAllowed: boolean;
  readonly policy: PolicyName;
  /** Requests in a window. */
  readonly quota: number;
  readonly remaining: number;
  /** Until there is a new quota; at least one. */
  readonly secondsLeft: number;
}

export interface RateLimitsOptions {
  readonly counters: WindowCounters;
  /** Multiplies the policy; not what an identity has of its own. */
  readonly scale: number;
  /** How many gateways share a quota while each of them counts by itself. */
  readonly gateways: number;
  /** Told of each request that had no quota left. */
  readonly onLimited?: (kind: IdentityKind, policy: PolicyName) => void;
  /** Told of each request that had some. */
  readonly onAllowed?: (policy: PolicyName) => void;
}

/** Takes requests from the quotas of whoever makes them. It never fails: a store that is away makes it count by itself. */
export class RateLimits {
  constructor(private readonly options: RateLimitsOptions) {}

  /** Takes a request for a handler of this class from the quota of an identity. */
  charge(identity: Identity, routeClass: RouteClass): Promise<Verdict> {
    const { requestsPerMinute, kind } = identity;
    return requestsPerMinute !== undefined && OVERRIDDEN_CLASSES.has(routeClass)
      ? this.#take(identity, 'requests', requestsPerMinute)
      : this.#take(identity, routeClass, this.#scaled(RATE_LIMIT_POLICY[kind][routeClass]));
  }

  /** Takes a refused credential from what an address may present of them. */
  chargeRefusal(address: Identity): Promise<Verdict> {
    return this.#take(address, 'refused', this.#scaled(REFUSED_CREDENTIALS));
  }

  /** The verdict on an address that is known here to have presented too many refused credentials; undefined otherwise. */
  refusalsSpent(address: Identity): Verdict | undefined {
    return this.#spent(address, 'refused', this.#scaled(REFUSED_CREDENTIALS));
  }

  async #take(identity: Identity, policy: PolicyName, quota: number): Promise<Verdict> {
    const spent = this.#spent(identity, policy, quota);
    if (spent !== undefined) return spent;
    const { counters, onLimited, onAllowed } = this.options;
    const key = keyOf(identity, policy);
    const count = await counters.count(key);
    const allowed = this.#allowed(quota, count.isShared);
    const remaining = Math.max(0, allowed - count.consumed);
    const isAllowed = count.consumed <= allowed;
    if (isAllowed) onAllowed?.(policy);
    else {
      counters.spend(key, count);
      onLimited?.(identity.kind, policy);
    }
    return { isAllowed, policy, quota, remaining, secondsLeft: secondsOf(count.msLeft) };
  }

  #spent(identity: Identity, policy: PolicyName, quota: number): Verdict | undefined {
    const { counters, onLimited } = this.options;
    const msLeft = counters.msSpent(
      keyOf(identity, policy),
      this.#allowed(quota, !counters.isAlone),
    );
    if (msLeft === 0) return undefined;
    onLimited?.(identity.kind, policy);
    return { isAllowed: false, policy, quota, remaining: 0, secondsLeft: secondsOf(msLeft) };
  }

  /** All of a quota, or the share of it that this gateway gives while it counts by itself. */
  #allowed(quota: number, isShared: boolean): number {
    return isShared ? quota : Math.max(1, Math.floor(quota / this.options.gateways));
  }

  #scaled(quota: number): number {
    return Math.max(1, Math.round(quota * this.options.scale));
  }
}

function keyOf({ kind, id }: Identity, policy: PolicyName): string {
  return `${kind}:${policy}:${id}`;
}

function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
