import { linkTokenDigest, newLinkToken, parseLinkToken } from '../mail/link-token';
import type { LinkToken } from '../mail/link-token';

declare const opaque: unique symbol;

/** Whoever holds it may choose the password of an account, once. */
export type ResetToken = LinkToken & { readonly [opaque]: true };

export const newResetToken = newLinkToken as () => ResetToken;

export const parseResetToken = parseLinkToken as (presented: string) => ResetToken | undefined;

export const resetTokenDigest: (token: ResetToken) => Buffer = linkTokenDigest;
