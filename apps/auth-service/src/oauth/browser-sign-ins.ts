import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Clock } from '@sallyport/tokens';
import type { Account } from '../accounts/account';
import { CLOCK, DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { deviceCookie } from '../devices/device-cookie';
import { TrustedDevices } from '../devices/trusted-devices.service';
import type { Opens } from '../mfa/challenge-entry';
import type { Authenticated } from '../mfa/second-factor';
import { laterBy } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';
import type { SignInOrigin } from '../sessions/session';
import { OauthSessionsRepository } from './oauth-sessions.repository';
import { LIFETIMES } from './provider-configuration';

/** Who has signed in, as the library is told. */
export interface CompletedLogin {
  readonly accountId: string;
  readonly acr: string;
  readonly amr: string[];
  /** Unix time in seconds. */
  readonly ts: number;
}

/** Somebody has signed in in a browser. */
export interface BrowserLogin {
  readonly login: CompletedLogin;
  /** `Set-Cookie` by which the device is known from now on. */
  readonly deviceCookie: string;
}

/** Somebody who has just proven who they are. */
export interface ProvenAccount {
  readonly account: Pick<Account, 'id' | 'passwordVersion'>;
  readonly how: Authenticated;
}

/** Opens the sessions of browsers, from devices that are known from then on. */
@Injectable()
export class BrowserSignIns {
  constructor(
    private readonly sessions: OauthSessionsRepository,
    private readonly devices: TrustedDevices,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Opens the session of a browser in which somebody has just signed in.
   *
   * @param interactionUid the name the session waits under until its browser is known
   * @param transaction one of its own when left out
   * @returns undefined when the account was locked or its password changed since it was read
   */
  async open(
    interactionUid: string,
    proven: ProvenAccount,
    origin: SignInOrigin,
    transaction?: AuthConnection,
  ): Promise<BrowserLogin | undefined> {
    if (transaction === undefined) {
      return this.database.db
        .transaction()
        .execute((own) => this.open(interactionUid, proven, origin, own));
    }
    const { account, how } = proven;
    const { acr, amr } = how;
    const { clientAddress, userAgent } = origin;
    const now = this.clock();
    const authentication = { acr, amr, at: now };
    const expiresAt = laterBy(now, LIFETIMES.browserSession);
    const session = { interactionUid, authentication, expiresAt, clientAddress, userAgent };
    if (!(await this.sessions.signIn(account, session, transaction))) return undefined;
    const completed = { accountId: account.id, sessionId: undefined, origin, now };
    const tokens = await this.devices.welcome(transaction, completed);
    const ts = Math.floor(now.getTime() / 1000);
    const login = { accountId: account.id, acr, amr: [...amr], ts };
    return { login, deviceCookie: deviceCookie(tokens) };
  }

  /** What opens it in the transaction that uses up what was presented. @param interactionUid as {@link BrowserSignIns.open} takes it */
  opens(interactionUid: string, origin: SignInOrigin): Opens<BrowserLogin> {
    return (transaction, account, how) =>
      this.open(interactionUid, { account, how }, origin, transaction);
  }
}
