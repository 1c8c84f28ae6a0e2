import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import { AccountsService } from '../accounts/accounts.service';
import { SECURITY_EVENTS } from '../app.tokens';
import { isUuid } from '../is-uuid';
import { FactorChanges } from '../mfa/factor-changes';
import { FactorRemovals } from '../mfa/factor-removals';
import { parsePasskeyName } from './passkey';
import type { Passkey } from './passkey';
import { PasskeysRepository } from './passkeys.repository';

/** A passkey to take away, as it arrived. */
export interface PresentedRemoval {
  readonly id: string;
  /** Needed where no factor is left. */
  readonly password: string | undefined;
  readonly clientAddress: string | undefined;
}

/** What somebody signed in does with the passkeys they have. */
@Injectable()
export class OwnPasskeysService {
  constructor(
    private readonly own: AccountsService,
    private readonly passkeys: PasskeysRepository,
    private readonly changes: FactorChanges,
    private readonly removals: FactorRemovals,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /** The oldest first. @throws ServiceError NOT_FOUND `account_not_found` */
  async list(principal: Principal): Promise<readonly Passkey[]> {
    const { id } = await this.own.own(principal);
    return this.passkeys.list(id);
  }

  /**
   * @throws ServiceError NOT_FOUND `factor_not_found`, also for one of somebody else; INVALID_ARGUMENT `passkey_name_invalid`
   */
  async rename(principal: Principal, id: string, presentedName: string): Promise<Passkey> {
    const account = await this.own.own(principal);
    const name = parsePasskeyName(presentedName);
    const renamed = isUuid(id) ? await this.passkeys.rename(account.id, id, name) : undefined;
    if (!renamed) throw notFound();
    this.events.record({
      type: 'account',
      outcome: 'succeeded',
      reason: 'passkey_renamed',
      principal: account.id,
      session: principal.sessionId,
    });
    return renamed;
  }

  /**
   * Takes a passkey away, and ends the other sessions. The authenticator keeps its own half, which opens nothing any more.
   *
   * @throws ServiceError NOT_FOUND `factor_not_found`, also for one of somebody else; and what {@link FactorRemovals.remove}
   * throws
   */
  async remove(
    principal: Principal,
    { id, password, clientAddress }: PresentedRemoval,
  ): Promise<void> {
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    const owned = await this.passkeys.list(account.id);
    if (!owned.some((passkey) => passkey.id === id)) throw notFound();
    await this.removals.remove({
      account,
      principal,
      clientAddress,
      password,
      take: (transaction) => this.passkeys.remove(transaction, account.id, id),
    });
  }
}

function notFound(): ServiceError {
  return new ServiceError('NOT_FOUND', 'factor_not_found');
}
