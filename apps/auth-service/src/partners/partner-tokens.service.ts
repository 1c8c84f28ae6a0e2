import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import { AccessTokenSigner, formatScope, parseScope } from '@sallyport/tokens';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import type { Partner } from './partner';
import { PartnerResolutionService } from './partner-resolution.service';
import type { Presentation } from './partner-resolution.service';
import { PartnersRepository } from './partners.repository';

/** An access token for a partner; member names as in sallyport.partners.v1.IssuePartnerTokenResponse. */
export interface IssuedPartnerToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Space-separated (RFC 6749 section 3.3). */
  readonly scope: string;
  readonly expiresAt: Date;
}

/** Issues access tokens that work with one certificate only (RFC 8705 section 3). */
@Injectable()
export class PartnerTokensService {
  constructor(
    private readonly resolution: PartnerResolutionService,
    private readonly partners: PartnersRepository,
    private readonly keys: SigningKeysService,
    private readonly signer: AccessTokenSigner,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Issues a token to the partner of a verified certificate, bound to that certificate.
   *
   * @param wantedScope space-separated; all the partner may do when empty
   * @throws ServiceError UNAUTHENTICATED as {@link PartnerResolutionService.resolve}; `invalid_scope` (RFC 6749 section
   * 5.2) PERMISSION_DENIED for more than the partner may do, INVALID_ARGUMENT for what is no scope.
   */
  async issue(presentation: Presentation, wantedScope: string): Promise<IssuedPartnerToken> {
    // Before the partner is read: what is decided after that starts an epoch that ends this token.
    const issuedAt = this.clock();
    const partner = await this.keptPartner(presentation);
    const scopes = this.grantedScopes(partner, wantedScope, presentation);
    const { token, expiresIn, expiresAt } = await this.signer.sign(
      {
        subject: partner.id,
        clientId: partner.id,
        principalType: 'partner',
        scopes,
        certificateThumbprint: presentation.certificate.thumbprint,
        issuedAt,
        issuedNotBefore: partner.tokensValidFrom.getTime() / 1000,
      },
      await this.keys.active(),
    );
    this.record('succeeded', 'partner_token_issued', partner, presentation);
    return { accessToken: token, expiresIn, scope: formatScope(scopes), expiresAt };
  }

  /** Read again once nobody is changing it: what was read first may be from before a change that is under way. */
  private async keptPartner(presentation: Presentation): Promise<Partner> {
    return this.database.db.transaction().execute(async (transaction) => {
      const { id } = await this.resolution.resolve(presentation, transaction);
      await this.partners.keep(transaction, id);
      return this.resolution.resolve(presentation, transaction);
    });
  }

  private grantedScopes(
    partner: Partner,
    wantedScope: string,
    presentation: Presentation,
  ): ReadonlySet<string> {
    if (wantedScope === '') return new Set(partner.scopes);
    const wanted = parseScope(wantedScope);
    if (wanted && [...wanted].every((scope) => partner.scopes.includes(scope))) return wanted;
    this.record('refused', 'partner_scope_refused', partner, presentation);
    throw new ServiceError(wanted ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT', 'invalid_scope');
  }

  private record(
    outcome: 'succeeded' | 'refused',
    reason: string,
    { id: principal }: Partner,
    { certificate: { thumbprint: certificate }, clientAddress }: Presentation,
  ): void {
    this.events.record({
      type: 'partner',
      ...{ outcome, reason, principal, certificate, clientAddress },
    });
  }
}
