import type { Principal } from '@sallyport/principal';

/** What is known of a partner beyond its principal. */
export interface Partner {
  readonly id: string;
  /** Its own limit; undefined when the usual one applies. */
  readonly requestsPerMinute: number | undefined;
}

const partners = new WeakMap<Principal, Partner>();

/** Keeps which partner a principal stands for, for {@link partnerOf}. */
export function keepPartner(principal: Principal, partner: Partner): void {
  partners.set(principal, partner);
}

/** The partner that a principal stands for; undefined for every other principal. */
export function partnerOf(principal: Principal): Partner | undefined {
  return partners.get(principal);
}
