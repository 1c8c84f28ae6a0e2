/** How somebody proved who they are. */
export interface Authentication {
  /** Authentication context class. */
  readonly acr: string;
  /** RFC 8176. */
  readonly amr: readonly string[];
  readonly at: Date;
}

/** A family of refresh tokens, from one authentication until it is ended or its absolute end has come. */
export interface Session {
  /** UUID; the `sid` of the tokens issued within it. */
  readonly id: string;
  readonly accountId: string;
  readonly authentication: Authentication;
  /** Rotation does not move it. */
  readonly expiresAt: Date;
}

/** Seven days: the absolute end of a session. */
export const SESSION_LIFETIME_SECONDS = 7 * 24 * 60 * 60;
