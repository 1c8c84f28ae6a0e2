import { linkTokenDigest, newLinkToken, parseLinkToken } from '../mail/link-token';
import type { LinkToken } from '../mail/link-token';

declare const opaque: unique symbol;

/** Whoever holds it may open the account of an address, once. */
export type RegistrationToken = LinkToken & { readonly [opaque]: true };

export const newRegistrationToken = newLinkToken as () => RegistrationToken;

export const parseRegistrationToken = parseLinkToken as (
  presented: string,
) => RegistrationToken | undefined;

export const registrationTokenDigest: (token: RegistrationToken) => Buffer = linkTokenDigest;
