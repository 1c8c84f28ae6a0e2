import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { TokenRejected } from '@sallyport/tokens';
import type { AccessTokenClaims, Clock, VerifiesAccessTokens } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { recordTokenRevocation } from '../revocations/record-revocation';
import { RevocationsService } from '../revocations/revocations.service';
import { OWN_ACCESS_TOKENS } from '../tokens/own-access-tokens';
import { parseRefreshToken } from './refresh-token';
import type { ClientOrigin } from './session';
import { SessionsService } from './sessions.service';

/** After the end of a token, in which a gateway's clock may still take it for good. */
const CLOCK_MARGIN_SECONDS = 60;

/**
 * Revokes tokens for whoever has them (RFC 7009 section 2.1, for the tokens of this system's own client): an access
 * token alone, a refresh token with its session. A token that is unknown, foreign or over is no error (section 2.2).
 */
@Injectable()
export class TokenRevocationService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly revocations: RevocationsService,
    @Inject(OWN_ACCESS_TOKENS) private readonly accessTokens: VerifiesAccessTokens,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** @throws ServiceError UNAVAILABLE `dependency_unavailable` when it cannot be made known to the gateways. */
  async revoke(presentedToken: string, origin: ClientOrigin): Promise<void> {
    const refreshToken = parseRefreshToken(presentedToken);
    if (refreshToken) await this.sessions.revoke(refreshToken, origin);
    else await this.revokeAccessToken(presentedToken, origin);
  }

  private async revokeAccessToken(presentedToken: string, origin: ClientOrigin): Promise<void> {
    const claims = await this.verify(presentedToken);
    if (!claims) return;
    this.revocations.requireFeed();
    const { jti, exp, sub, sid } = claims;
    const reason = 'token_revoked';
    const record = await recordTokenRevocation(this.database.db, {
      revokedId: jti,
      reason,
      recordedAt: this.clock(),
      expiresAt: new Date((exp + CLOCK_MARGIN_SECONDS) * 1000),
    });
    if (!record) return;
    await this.revocations.deliver([record]);
    const { clientAddress } = origin;
    this.events.record({
      type: 'token',
      outcome: 'succeeded',
      reason,
      principal: sub,
      session: sid,
      clientAddress,
    });
  }

  /** Undefined for what is no access token of this system, or is one no longer. */
  private async verify(presentedToken: string): Promise<AccessTokenClaims | undefined> {
    try {
      return await this.accessTokens.verify(presentedToken);
    } catch (error) {
      if (error instanceof TokenRejected) return undefined;
      throw error;
    }
  }
}
