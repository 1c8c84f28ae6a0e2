import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import { AccountsRepository } from '../accounts/accounts.repository';
import { accountNotFound, findNamedAccount } from '../accounts/find-named-account';
import { CLOCK, DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { parseLinkToken } from '../mail/link-token';
import type { LinkToken } from '../mail/link-token';
import { RevocationsService } from '../revocations/revocations.service';
import { AccountSecuring } from './account-securing';
import type { Secured } from './account-securing';
import { NotMeLinksRepository } from './not-me-links.repository';

/** Who says that an account was compromised, as the security event has it. */
type Reporter = Pick<SecurityEvent, 'principal' | 'target' | 'session' | 'clientAddress'>;

/** Undoes it: it was done already. */
class ReportLost extends Error {
  override readonly name = 'ReportLost';
}

/** Secures accounts in which somebody else may be, when their owner or an operator says so. */
@Injectable()
export class CompromisedAccounts {
  constructor(
    private readonly securing: AccountSecuring,
    private readonly links: NotMeLinksRepository,
    private readonly accounts: AccountsRepository,
    private readonly revocations: RevocationsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * By whoever is signed in, and by nothing more: it ends everything they have, and lets nobody in but who reads the owner's
   * mail. Second factors stay.
   *
   * @param isCalling tells the calling session among those that have ended
   * @throws ServiceError UNAUTHENTICATED `session_ended` when the calling session has ended already; UNAVAILABLE
   * `dependency_unavailable` when the ends cannot be made known to the gateways
   */
  async reportInSession(
    accountId: string,
    isCalling: (sessionId: string) => boolean,
    about: Pick<SecurityEvent, 'session' | 'clientAddress'>,
  ): Promise<void> {
    this.revocations.requireFeed();
    const now = this.clock();
    const secured = await this.inOne(async (transaction) => {
      const done = await this.securing.secure(transaction, accountId, {
        ...{ now, reason: 'password_changed', removesFactors: false },
      });
      if (!done?.sessions.some(({ id }) => isCalling(id))) throw new ReportLost();
      return done;
    });
    if (secured === undefined) throw new ServiceError('UNAUTHENTICATED', 'session_ended');
    await this.finish(secured, { principal: accountId, ...about });
  }

  /**
   * By a link in a notice, once. Takes away the second factors only when the account had none at the time of which the notice
   * tells: whoever reads the mail gets no further by it than they would have got then.
   *
   * @throws ServiceError INVALID_ARGUMENT `not_me_refused` for every link that does not work, whatever the reason;
   * UNAVAILABLE `dependency_unavailable`
   */
  async reportByLink(presented: string, clientAddress: string | undefined): Promise<void> {
    this.revocations.requireFeed();
    const now = this.clock();
    const token = parseLinkToken(presented);
    const accountId = await this.ownerOf(token, now, clientAddress);
    const secured = await this.inOne(async (transaction) => {
      // The account's row before the link's, as whoever sends a notice takes them.
      await this.accounts.voidProofs(transaction, accountId);
      const link = token && (await this.links.use(transaction, token, now));
      const done =
        link &&
        (await this.securing.secure(transaction, accountId, {
          ...{ now, reason: 'password_changed', removesFactors: !link.hadSecondFactor },
        }));
      if (done === undefined) throw new ReportLost();
      return done;
    });
    if (secured === undefined) throw this.refuse('not_me_link_used', clientAddress, accountId);
    await this.finish(secured, { principal: accountId, clientAddress });
  }

  /**
   * By an operator. Recorded whether or not the feed is there: who is in need must not have to wait for Redis, and while it is
   * gone the gateways refuse everything anyway.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`
   */
  async reportByOperator(
    named: string,
    operator: string | undefined,
  ): Promise<{ readonly id: string; readonly endedSessions: number }> {
    const { id } = await findNamedAccount(this.accounts, named);
    const secured = await this.database.db.transaction().execute((transaction) =>
      this.securing.secure(transaction, id, {
        ...{ now: this.clock(), reason: 'ended_by_operator', removesFactors: false },
      }),
    );
    if (secured === undefined) throw accountNotFound();
    await this.finish(secured, { principal: operator, target: id });
    return { id, endedSessions: secured.sessions.length };
  }

  private async ownerOf(
    token: LinkToken | undefined,
    now: Date,
    clientAddress: string | undefined,
  ): Promise<string> {
    const link = token && (await this.links.find(token, now));
    if (link === undefined) throw this.refuse('not_me_link_unknown', clientAddress);
    const { accountId, refusal } = link;
    if (refusal !== undefined) {
      throw this.refuse(`not_me_link_${refusal}`, clientAddress, accountId);
    }
    const account = await this.accounts.findById(accountId);
    // Nobody can be in it; the link is for when it was unlocked.
    if (account?.lockedAt) throw this.refuse('account_locked', clientAddress, accountId);
    return accountId;
  }

  private async inOne(
    work: (transaction: Parameters<AccountSecuring['secure']>[0]) => Promise<Secured>,
  ): Promise<Secured | undefined> {
    try {
      return await this.database.db.transaction().execute(work);
    } catch (error) {
      if (error instanceof ReportLost) return undefined;
      throw error;
    }
  }

  private async finish(
    { apiKeys, hasRemovedFactors, revocations }: Secured,
    reporter: Reporter,
  ): Promise<void> {
    await this.revocations.deliver(revocations);
    const account = { type: 'account', outcome: 'succeeded', ...reporter } as const;
    this.events.record({ ...account, reason: 'account_reported_compromised' });
    if (hasRemovedFactors) this.events.record({ ...account, reason: 'factor_removed' });
    for (const { id: apiKeyId } of apiKeys) {
      this.events.record({ ...account, type: 'api_key', reason: 'api_key_revoked', apiKeyId });
    }
  }

  /** One answer for all; only the event tells them apart. */
  private refuse(
    reason: string,
    clientAddress: string | undefined,
    principal?: string,
  ): ServiceError {
    this.events.record({
      ...{ type: 'account', outcome: 'refused', reason, clientAddress },
      ...(principal !== undefined && { principal }),
    });
    return new ServiceError('INVALID_ARGUMENT', 'not_me_refused');
  }
}
