import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { AccountsService } from '../accounts/accounts.service';
import { CLOCK } from '../app.tokens';
import { raiseSession } from '../sessions/raise-session';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { FactorChanges } from './factor-changes';
import { OwnCredentialsService } from './own-credentials.service';
import { openTotpSecret, sealTotpSecret } from './sealed-totp-secret';
import { MFA_AUTHENTICATION, PENDING_SECONDS } from './second-factor';
import { matchingStep, newTotpSecret, totpKeyOf } from './totp';
import type { TotpKey } from './totp';
import { TotpFactorsRepository } from './totp-factors.repository';

/** A secret to put into an app, and seconds in which to confirm that it is there. */
export interface BegunEnrolment extends TotpKey {
  readonly expiresIn: number;
}

/** Enrols authenticator apps: in use once a code has confirmed it. Whoever calls has just authenticated. */
@Injectable()
export class TotpEnrolmentService {
  constructor(
    private readonly own: AccountsService,
    private readonly factors: TotpFactorsRepository,
    private readonly credentials: OwnCredentialsService,
    private readonly changes: FactorChanges,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Begins. Nothing changes until it is confirmed.
   *
   * @throws ServiceError NOT_FOUND `account_not_found`
   */
  async begin(principal: Principal): Promise<BegunEnrolment> {
    const account = await this.own.own(principal);
    const secret = newTotpSecret();
    const { id: accountId, passwordVersion } = account;
    const named = { id: randomUUID(), accountId };
    const sealedSecret = await sealTotpSecret(secret, named, this.encryption);
    await this.factors.begin({ ...named, sealedSecret, passwordVersion }, this.clock());
    return { ...totpKeyOf(secret, account.email), expiresIn: PENDING_SECONDS };
  }

  /**
   * Puts the app in use that shows this code, in the place of the one before, ends the other sessions, and gives a set of
   * recovery codes. The calling session counts as completed by the code from its next token on.
   *
   * @throws ServiceError UNAUTHENTICATED `mfa_refused`, also when nothing is being enrolled; NOT_FOUND
   * `account_not_found`; and what {@link FactorChanges} throws
   */
  async confirm(
    principal: Principal,
    code: string,
    clientAddress: string | undefined,
  ): Promise<readonly string[]> {
    this.changes.requireFeed();
    const account = await this.own.own(principal);
    await this.credentials.admitCode(account, { principal, clientAddress });
    const now = this.clock();
    const factor = await this.factors.pending(account.id, now);
    const secret = factor && (await openTotpSecret(factor, this.encryption));
    const step = secret && (await matchingStep(secret, code, now));
    if (!factor || step === undefined) {
      throw this.credentials.refuseCode('totp_code_refused', account, clientAddress);
    }
    return this.changes.makeWithNewCodes({
      account: { ...account, passwordVersion: factor.passwordVersion },
      principal,
      clientAddress,
      event: 'factor_enrolled',
      make: async (transaction) => {
        await raiseSession(transaction, principal.sessionId ?? '', MFA_AUTHENTICATION.totp);
        return this.factors.activate(transaction, factor, { step, now });
      },
    });
  }
}
