import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { Principal } from '@sallyport/principal';
import type { SigningKey } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { AccountsRepository } from '../accounts/accounts.repository';
import { AccountsService } from '../accounts/accounts.service';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import { DATABASE, SECURITY_EVENTS } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { isUuid } from '../is-uuid';
import type { AuthConnection } from '../revocations/record-revocation';
import type { Authentication, ClientOrigin } from '../sessions/session';
import type { Attempted } from '../sessions/sessions.repository';
import { SessionsService } from '../sessions/sessions.service';
import type { IssuedAccessToken } from '../tokens/issued-tokens';
import { MfaRequirement } from './mfa-required';
import { OwnCredentialsService } from './own-credentials.service';
import type { PresentedProof } from './own-credentials.service';
import { SPENT } from './second-factor-codes';
import type { CodeRefusal } from './second-factor-codes';

/** That somebody signed in has just proved, once more, to be the owner of the account; and by what. */
export interface IdentityProof extends Omit<Authentication, 'at'> {
  /** With the version of the credentials that were proved. */
  readonly account: Account;
  /** Uses up, in the transaction of the step-up, what may be used once; why it cannot be, if it was used before. */
  readonly spend: (transaction: AuthConnection) => Promise<CodeRefusal | undefined>;
}

/** Undoes the step-up. */
class StepUpLost extends Error {
  override readonly name = 'StepUpLost';

  constructor(readonly outcome: 'session_ended' | 'key_changed' | 'account_changed' | CodeRefusal) {
    super(`no step-up: ${outcome}`);
  }
}

/**
 * Step-up (RFC 9470): has somebody signed in prove once more who they are, for what takes a recent or a strong
 * authentication. The session then says what was proved now, and no more: who has lost their second factor since they signed
 * in is not taken for somebody who has just used it.
 */
@Injectable()
export class StepUpService {
  constructor(
    private readonly own: AccountsService,
    private readonly accounts: AccountsRepository,
    private readonly sessions: SessionsService,
    private readonly requirement: MfaRequirement,
    private readonly credentials: OwnCredentialsService,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * By the password, and by a code where there is a second factor; without one a code is not looked at. Counted as signing in
   * is: a stolen access token is no licence to guess.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`; what {@link OwnCredentialsService} throws; and as
   * {@link StepUpService.complete} does
   */
  async byPassword(
    principal: Principal,
    presented: PresentedProof & ClientOrigin,
  ): Promise<IssuedAccessToken> {
    const account = await this.own.own(principal);
    const proved = { ...presented, principal };
    await this.credentials.provePassword(account, proved);
    if (!(await this.requirement.isFor(account.id))) {
      const spend = () => Promise.resolve(undefined);
      return this.complete(principal, { account, ...PASSWORD_AUTHENTICATION, spend }, presented);
    }
    const request = { stepUpIn: principal.sessionId ?? '' };
    const code = await this.credentials.proveFactor(account, proved, request);
    const proof: IdentityProof = {
      account,
      ...code.how,
      spend: async (transaction) =>
        (await code.spend(transaction)) ? undefined : SPENT[code.method],
    };
    const issued = await this.complete(principal, proof, presented);
    await this.credentials.forgetRefusedCodes(account, proved);
    if (code.method === 'recovery_code') this.record('recovery_code_used', principal, presented);
    return issued;
  }

  /**
   * Uses the proof up and has the calling session say so: all or nothing, so that of requests with the same code one steps
   * up, and none after the session has ended. Neither the end of the session nor its refresh token changes.
   *
   * @throws ServiceError UNAUTHENTICATED `session_ended`; `mfa_refused` when the proof was used before, or the
   * credentials changed since they were proved
   */
  async complete(
    principal: Principal,
    proof: IdentityProof,
    origin: ClientOrigin,
  ): Promise<IssuedAccessToken> {
    try {
      // The key is looked up before the transaction, which holds a connection already.
      const issued = await this.sessions.withActiveKey((key) =>
        this.completeWith(key, principal, proof, origin),
      );
      if (!issued) throw new StepUpLost('session_ended');
      this.record('stepped_up', principal, origin);
      return issued;
    } catch (error) {
      if (!(error instanceof StepUpLost)) throw error;
      throw this.refuse(error.outcome, principal, proof, origin);
    }
  }

  private async completeWith(
    key: SigningKey,
    { sessionId = '' }: Principal,
    { account, acr, amr, spend }: IdentityProof,
    origin: ClientOrigin,
  ): Promise<Attempted<IssuedAccessToken>> {
    if (!isUuid(sessionId)) return undefined;
    const session = { id: sessionId, accountId: account.id };
    try {
      return await this.database.db.transaction().execute(async (transaction) => {
        // The account first, as whoever changes its factors or password locks them.
        const held = await this.accounts.hold(transaction, account);
        if (!held) throw new StepUpLost('account_changed');
        const refusal = await spend(transaction);
        if (refusal !== undefined) throw new StepUpLost(refusal);
        const issued = await this.sessions.authenticateAgain(transaction, key, session, {
          acr,
          amr,
          origin,
        });
        if (typeof issued === 'object') return issued;
        throw new StepUpLost(issued ?? 'session_ended');
      });
    } catch (error) {
      if (error instanceof StepUpLost && error.outcome === 'key_changed') return 'key_changed';
      throw error;
    }
  }

  private refuse(
    outcome: StepUpLost['outcome'],
    principal: Principal,
    { account }: IdentityProof,
    { clientAddress }: ClientOrigin,
  ): ServiceError {
    if (outcome !== 'session_ended' && outcome !== 'key_changed') {
      return this.credentials.refuseCode(outcome, account, clientAddress);
    }
    this.events.record({
      type: 'authentication',
      outcome: 'refused',
      reason: 'session_ended',
      principal: account.id,
      session: principal.sessionId,
      clientAddress,
    });
    return new ServiceError('UNAUTHENTICATED', 'session_ended');
  }

  private record(
    reason: 'stepped_up' | 'recovery_code_used',
    { id, sessionId }: Principal,
    { clientAddress }: ClientOrigin,
  ): void {
    this.events.record({
      type: 'authentication',
      outcome: 'succeeded',
      reason,
      principal: id,
      session: sessionId,
      clientAddress,
    });
  }
}
