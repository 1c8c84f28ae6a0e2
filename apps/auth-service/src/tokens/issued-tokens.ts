import type { RefreshToken } from '../sessions/refresh-token';

/** An access token of a session. */
export interface IssuedAccessToken {
  /** RFC 9068. */
  readonly accessToken: string;
  /** Lifetime of the access token in seconds. */
  readonly expiresIn: number;
  /** Space-separated (RFC 6749 section 3.3). */
  readonly scope: string;
}

/** What a session hands to its client; member names as in sallyport.auth.v1.IssuedTokens. */
export interface IssuedTokens extends IssuedAccessToken {
  readonly refreshToken: RefreshToken;
  readonly sessionExpiresAt: Date;
  /** What the device is known by from now on; empty when that stays as it is. */
  readonly deviceTokens: string;
}
