import type { RefreshToken } from '../sessions/refresh-token';

/** What a session hands to its client; member names as in sallyport.auth.v1.IssuedTokens. */
export interface IssuedTokens {
  /** RFC 9068. */
  readonly accessToken: string;
  /** Lifetime of the access token in seconds. */
  readonly expiresIn: number;
  /** Space-separated (RFC 6749 section 3.3). */
  readonly scope: string;
  readonly refreshToken: RefreshToken;
  readonly sessionExpiresAt: Date;
  /** What the device is known by from now on; empty when that stays as it is. */
  readonly deviceTokens: string;
}
