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

/** Why a session ended before its time. */
export type SessionEnd =
  | 'logout'
  | 'refresh_token_replayed'
  | 'ended_by_user'
  | 'password_changed'
  | 'token_revoked'
  | 'ended_by_operator'
  | 'account_locked'
  | 'signing_key_tainted'
  | 'too_many_sessions'
  | 'grant_revoked'
  | 'signed_in_again'
  | 'client_disabled'
  | 'factor_changed';

/** From where, and with what, somebody uses a session; as the gateway saw it. */
export interface ClientOrigin {
  readonly clientAddress: string | undefined;
  /** What the client calls itself: shown to the session's owner, believed by nobody. */
  readonly userAgent: string | undefined;
}

/** From where somebody signs in, and by what their browser is known. */
export interface SignInOrigin extends ClientOrigin {
  /** What the device cookie holds, as it arrived; none when left out. */
  readonly deviceTokens?: string | undefined;
  /** The owner knows of it without being told: they have registered, or changed the password, in the same moment. */
  readonly isExpected?: boolean;
}

/** An account has no more live sessions than this; opening another ends the one that was left alone for longest. */
export const MOST_LIVE_SESSIONS = 100;

/** Seven days: the absolute end of a session. */
export const SESSION_LIFETIME_SECONDS = 7 * 24 * 60 * 60;
