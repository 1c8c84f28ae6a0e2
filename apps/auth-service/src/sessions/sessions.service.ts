import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import type { IssuedTokens } from '../tokens/issued-tokens';
import { TokenIssuer } from '../tokens/token-issuer';
import { newRefreshToken, parseRefreshToken } from './refresh-token';
import type { RefreshToken } from './refresh-token';
import { SESSION_LIFETIME_SECONDS } from './session';
import type { Session } from './session';
import { SessionsRepository } from './sessions.repository';

/**
 * Decides about sessions: each has exactly one token that refreshes it, and a token that was
 * exchanged before ends it, because then two parties hold its tokens (RFC 9700 section 4.14.2).
 */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly keys: SigningKeysService,
    private readonly issuer: TokenIssuer,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** Opens a session for somebody who has just authenticated with these methods (RFC 8176). */
  async open(
    account: Account,
    { acr, amr }: { readonly acr: string; readonly amr: readonly string[] },
  ): Promise<IssuedTokens> {
    const key = await this.keys.active();
    const now = this.clock();
    const refreshToken = newRefreshToken();
    const session = await this.sessions.open(
      {
        accountId: account.id,
        authentication: { acr, amr, at: now },
        expiresAt: new Date(now.getTime() + SESSION_LIFETIME_SECONDS * 1000),
      },
      refreshToken,
    );
    return this.issuer.issue(session, account.scopes, refreshToken, key);
  }

  /**
   * Exchanges the current refresh token of a live session for its successor.
   *
   * @throws ServiceError UNAUTHENTICATED `invalid_grant`, whatever is wrong with the token.
   */
  async refresh(presented: string, clientAddress: string | undefined): Promise<IssuedTokens> {
    const token = parseRefreshToken(presented);
    const tokens = token && (await this.exchange(token));
    if (tokens) return tokens;

    const replayed = token && (await this.endReplayed(token, clientAddress));
    if (!replayed) {
      this.events.record({
        type: 'session',
        outcome: 'refused',
        reason: 'refresh_token_refused',
        clientAddress,
      });
    }
    throw new ServiceError('UNAUTHENTICATED', 'invalid_grant');
  }

  /** Ends the session this token belongs to, if there is one that has not ended. */
  async logOut(presented: string, clientAddress: string | undefined): Promise<void> {
    const token = parseRefreshToken(presented);
    if (!token) return;
    const session = await this.sessions.logOut(token, this.clock());
    if (!session) {
      await this.endReplayed(token, clientAddress);
      return;
    }
    this.events.record({
      type: 'session',
      outcome: 'succeeded',
      reason: 'logged_out',
      principal: session.accountId,
      clientAddress,
    });
  }

  private async exchange(token: RefreshToken): Promise<IssuedTokens | undefined> {
    // Before the exchange: after it nothing may fail, or the client is left with a token that is spent.
    const key = await this.keys.active();
    const successor = newRefreshToken();
    const rotation = await this.sessions.rotate(token, successor, this.clock());
    return rotation && this.issuer.issue(rotation.session, rotation.scopes, successor, key);
  }

  private async endReplayed(
    token: RefreshToken,
    clientAddress: string | undefined,
  ): Promise<Session | undefined> {
    const ended = await this.sessions.endReplayed(token, this.clock());
    if (ended) {
      this.events.record({
        type: 'session',
        outcome: 'refused',
        reason: 'refresh_token_replayed',
        principal: ended.accountId,
        clientAddress,
      });
    }
    return ended;
  }
}
