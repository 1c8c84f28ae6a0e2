import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock, SigningKey } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { TrustedDevices } from '../devices/trusted-devices.service';
import type { AuthConnection } from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { REFRESH_THROTTLE } from '../throttling/refresh-throttle';
import type { RefreshThrottle } from '../throttling/refresh-throttle';
import type { IssuedAccessToken, IssuedTokens } from '../tokens/issued-tokens';
import { TokenIssuer } from '../tokens/token-issuer';
import type { EndedSession } from './ended-sessions';
import { newRefreshToken, parseRefreshToken } from './refresh-token';
import type { RefreshToken } from './refresh-token';
import { openSuccessor } from './sealed-successor';
import { MOST_LIVE_SESSIONS, SESSION_LIFETIME_SECONDS } from './session';
import type { Authentication, ClientOrigin, Session, SignInOrigin } from './session';
import { SessionEndsRepository } from './session-ends.repository';
import { SessionsRepository } from './sessions.repository';
import type { Attempted } from './sessions.repository';

/** A key may be replaced between its being looked up and its being used; twice in a row is no coincidence. */
const KEY_ATTEMPTS = 3;

/**
 * Decides about sessions: each has exactly one token that refreshes it, and a token that was
 * exchanged before ends it, because then two parties hold its tokens (RFC 9700 section 4.14.2).
 */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly ends: SessionEndsRepository,
    private readonly revocations: RevocationsService,
    private readonly keys: SigningKeysService,
    private readonly issuer: TokenIssuer,
    private readonly devices: TrustedDevices,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
    @Inject(REFRESH_THROTTLE) private readonly throttle: RefreshThrottle,
  ) {}

  /**
   * Opens a session for somebody who has just authenticated with these methods (RFC 8176). Undefined when the account
   * was locked or its password changed since it was read. Of too many sessions the one that was left alone for longest
   * ends.
   *
   * @throws ServiceError UNAVAILABLE `dependency_unavailable` when one has to end and that cannot be made known.
   */
  async open(
    account: Account,
    { acr, amr }: { readonly acr: string; readonly amr: readonly string[] },
    origin: SignInOrigin,
  ): Promise<IssuedTokens | undefined> {
    const live = await this.sessions.countLive(account.id, this.clock());
    if (live >= MOST_LIVE_SESSIONS) this.revocations.requireFeed();
    const opened = await this.withActiveKey((key) =>
      this.database.db
        .transaction()
        .execute((transaction) => this.openWith(key, account, { acr, amr }, origin, transaction)),
    );
    // Counted again: others may have been opened at the same time.
    if (opened) await this.keepToMost(account.id, origin);
    return opened;
  }

  /** After a session was opened: of too many the one that was left alone for longest ends. */
  async keepToMost(accountId: string, origin: ClientOrigin): Promise<void> {
    const live = await this.sessions.countLive(accountId, this.clock());
    if (live > MOST_LIVE_SESSIONS) await this.endBeyondMost(accountId, origin);
  }

  /**
   * Opens a session with a key, in a transaction, from a device that is known from then on; whatever else has to end is for
   * the caller to end.
   *
   * @param how its owner authenticated; now, when that is left out
   */
  async openWith(
    key: SigningKey,
    { id: accountId, passwordVersion }: Pick<Account, 'id' | 'passwordVersion'>,
    how: Omit<Authentication, 'at'> & Partial<Pick<Authentication, 'at'>>,
    origin: SignInOrigin,
    transaction: AuthConnection,
  ): Promise<Attempted<IssuedTokens>> {
    const now = this.clock();
    const refreshToken = newRefreshToken();
    const { clientAddress, userAgent } = origin;
    const opening = {
      clientAddress,
      userAgent,
      accountId,
      passwordVersion,
      authentication: { at: now, ...how },
      openedAt: now,
      expiresAt: new Date(now.getTime() + SESSION_LIFETIME_SECONDS * 1000),
    };
    const opened = await this.sessions.open(opening, refreshToken, key.kid, transaction);
    if (typeof opened !== 'object') return opened;
    const signIn = { accountId, sessionId: opened.session.id, origin, now };
    const deviceTokens = await this.devices.welcome(transaction, signIn);
    return { ...(await this.issuer.issue(opened, refreshToken, key)), deviceTokens };
  }

  /**
   * Has a live session say that its owner has just authenticated again, and how; for the transaction that uses up what they
   * proved it with. The refresh token stays as it is: who steps up may be a page that holds the access token alone.
   */
  async authenticateAgain(
    transaction: AuthConnection,
    key: SigningKey,
    session: Pick<Session, 'id' | 'accountId'>,
    { origin, ...how }: Omit<Authentication, 'at'> & { readonly origin: ClientOrigin },
  ): Promise<Attempted<IssuedAccessToken>> {
    const at = { now: this.clock(), kid: key.kid, origin };
    const issuance = await this.sessions.authenticateAgain(transaction, session, how, at);
    return typeof issuance === 'object' ? this.issuer.issueAccessToken(issuance, key) : issuance;
  }

  /**
   * Exchanges the current refresh token of a live session for its successor.
   *
   * @throws ServiceError UNAUTHENTICATED `invalid_grant`, whatever is wrong with the token; RESOURCE_EXHAUSTED
   * `too_many_attempts` when the session is refreshed too fast, the token staying good; UNAVAILABLE
   * `dependency_unavailable` when a replay cannot be made known to the gateways: then nothing has happened.
   */
  async refresh(presented: string, origin: ClientOrigin): Promise<IssuedTokens> {
    const token = parseRefreshToken(presented);
    // The current token alone counts: a replay is to end its session however many there were.
    const sessionId = token && (await this.sessions.idByCurrentToken(token));
    if (sessionId !== undefined) await this.throttle.admit(sessionId, origin.clientAddress);
    const tokens =
      token && ((await this.exchange(token, origin)) ?? (await this.repeat(token, origin)));
    if (tokens) return tokens;
    const wasReplayed = token !== undefined && (await this.endReplayed(token, origin));
    if (!wasReplayed) {
      this.events.record({
        type: 'session',
        outcome: 'refused',
        reason: 'refresh_token_refused',
        clientAddress: origin.clientAddress,
      });
    }
    throw new ServiceError('UNAUTHENTICATED', 'invalid_grant');
  }

  /**
   * Ends the session this token belongs to, if there is one that has not ended.
   *
   * @throws ServiceError UNAVAILABLE `dependency_unavailable` when that cannot be made known to the gateways.
   */
  async logOut(presented: string, origin: ClientOrigin): Promise<void> {
    const token = parseRefreshToken(presented);
    if (token) await this.endByToken(token, 'logout', origin);
  }

  /**
   * Ends the session of a refresh token that is being revoked (RFC 7009), this system's own client's or another one's; tells
   * whether there was one.
   */
  async revoke(token: RefreshToken, origin: ClientOrigin): Promise<boolean> {
    if (await this.endByToken(token, 'token_revoked', origin)) return true;
    if (!(await this.ends.isOfLiveGrant(token, this.clock()))) return false;
    this.revocations.requireFeed();
    const reason = 'token_revoked';
    const ended = await this.ends.byClientToken(token, { reason, now: this.clock() });
    await this.revocations.deliver(ended.revocations);
    for (const session of ended.sessions) this.record(session, reason, 'succeeded', origin);
    return ended.sessions.length > 0;
  }

  private async endBeyondMost(accountId: string, origin: ClientOrigin): Promise<void> {
    const reason = 'too_many_sessions';
    const ending = { reason, now: this.clock() } as const;
    const ended = await this.ends.allBeyond(MOST_LIVE_SESSIONS, accountId, ending);
    await this.revocations.deliver(ended.revocations);
    for (const session of ended.sessions) this.record(session, reason, 'succeeded', origin);
  }

  /** Runs with the key that signs now, once more when it was replaced meanwhile. */
  async withActiveKey<Outcome>(
    attempt: (key: SigningKey) => Promise<Attempted<Outcome>>,
  ): Promise<Outcome | undefined> {
    for (let attempts = 1; attempts <= KEY_ATTEMPTS; attempts += 1) {
      const outcome = await attempt(await this.keys.active());
      if (outcome !== 'key_changed') return outcome;
    }
    throw new ServiceError('UNAVAILABLE', 'dependency_unavailable', 'signing key');
  }

  private exchange(token: RefreshToken, origin: ClientOrigin): Promise<IssuedTokens | undefined> {
    const successor = newRefreshToken();
    // Signing comes last, with a key that is at hand: after the exchange nothing may fail, or the client is left with a
    // token that is spent.
    return this.withActiveKey(async (key) => {
      const at = { now: this.clock(), kid: key.kid, origin };
      const rotated = await this.sessions.rotate(token, successor, at);
      return typeof rotated === 'object' ? this.issuer.issue(rotated, successor, key) : rotated;
    });
  }

  private repeat(token: RefreshToken, origin: ClientOrigin): Promise<IssuedTokens | undefined> {
    return this.withActiveKey(async (key) => {
      const at = { now: this.clock(), kid: key.kid, origin };
      const repeated = await this.sessions.repeatRotation(token, at);
      if (typeof repeated !== 'object') return repeated;
      const successor = openSuccessor(token, repeated.sealedSuccessor);
      return this.issuer.issue(repeated, successor, key);
    });
  }

  private async endByToken(
    token: RefreshToken,
    reason: 'logout' | 'token_revoked',
    origin: ClientOrigin,
  ): Promise<boolean> {
    if (!(await this.ends.isOfLiveSession(token, this.clock()))) return false;
    this.revocations.requireFeed();
    const ended = await this.ends.byCurrentToken(token, { reason, now: this.clock() });
    const [session] = ended.sessions;
    if (!session) return this.endReplayed(token, origin);
    await this.revocations.deliver(ended.revocations);
    this.record(session, reason === 'logout' ? 'logged_out' : reason, 'succeeded', origin);
    return true;
  }

  /** @returns whether the token was one that had been exchanged in a live session. */
  private async endReplayed(token: RefreshToken, origin: ClientOrigin): Promise<boolean> {
    if (!(await this.ends.isOfLiveSession(token, this.clock()))) return false;
    this.revocations.requireFeed();
    const reason = 'refresh_token_replayed';
    const ended = await this.ends.byRotatedToken(token, { reason, now: this.clock() });
    await this.revocations.deliver(ended.revocations);
    for (const session of ended.sessions) this.record(session, reason, 'refused', origin);
    return ended.sessions.length > 0;
  }

  private record(
    { accountId, id }: EndedSession,
    reason: string,
    outcome: 'refused' | 'succeeded',
    { clientAddress }: ClientOrigin,
  ): void {
    const about = { principal: accountId, session: id };
    this.events.record({ type: 'session', outcome, reason, ...about, clientAddress });
  }
}
