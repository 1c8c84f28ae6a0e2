/** What can be withdrawn before its own end. */
export const REVOCABLE_KINDS = [
  /** One access token, by `jti`. */
  'token',
  /** All access tokens of a session, by `sid`. */
  'session',
  /** All access tokens of a subject issued before a moment, by `sub`. */
  'subject',
  /** All access tokens of an OAuth client issued before a moment, by `client_id`. */
  'client',
  /** An API key, by its id. */
  'api_key',
  /** A client certificate, by its thumbprint as in `x5t#S256`. */
  'certificate',
  /** Everything a key has signed, by `kid`. */
  'signing_key',
] as const;

export type RevocableKind = (typeof REVOCABLE_KINDS)[number];

/** The kinds that end what was issued before a moment, and leave alone what is issued from then on. */
export type EpochKind = 'subject' | 'client';

interface Revoked {
  /** The claim or key id that is withdrawn; no white space. */
  readonly id: string;
  /** By when everything it withdraws has ended by itself, in whole seconds since the epoch. */
  readonly expiresAt: number;
}

/** One withdrawal: what is no longer accepted, and until when that has to be remembered. */
export type Revocation =
  | (Revoked & { readonly kind: Exclude<RevocableKind, EpochKind> })
  | (Revoked & {
      readonly kind: EpochKind;
      /** Tokens with a smaller `iat` are withdrawn; whole seconds since the epoch. */
      readonly issuedBefore: number;
    });

/** Two with the same key withdraw the same. */
export function revocationKey(revocation: Revocation): string {
  const { kind, id } = revocation;
  return 'issuedBefore' in revocation
    ? `${kind} ${id} ${revocation.issuedBefore}`
    : `${kind} ${id}`;
}
