import { Inject, Injectable } from '@nestjs/common';
import type { Database } from '@sallyport/persistence';
import type { Account } from '../accounts/account';
import { DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import { deviceCookie } from '../devices/device-cookie';
import { TrustedDevices } from '../devices/trusted-devices.service';
import type { AuthConnection } from '../revocations/record-revocation';
import type { SignInOrigin } from '../sessions/session';
import { OauthSessionsRepository } from './oauth-sessions.repository';
import type { BrowserSignIn } from './oauth-sessions.repository';

/** Opens the sessions of browsers, from devices that are known from then on. */
@Injectable()
export class BrowserSignIns {
  constructor(
    private readonly sessions: OauthSessionsRepository,
    private readonly devices: TrustedDevices,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
  ) {}

  /**
   * Opens the session of a browser in which somebody has just signed in.
   *
   * @param transaction one of its own when left out
   * @returns the `Set-Cookie` by which the device is known; undefined when the account was locked or its password
   * changed since it was read
   */
  async open(
    account: Pick<Account, 'id' | 'passwordVersion'>,
    signIn: Omit<BrowserSignIn, keyof SignInOrigin>,
    origin: SignInOrigin,
    transaction?: AuthConnection,
  ): Promise<string | undefined> {
    if (transaction === undefined) {
      return this.database.db
        .transaction()
        .execute((own) => this.open(account, signIn, origin, own));
    }
    const { clientAddress, userAgent } = origin;
    const session = { ...signIn, clientAddress, userAgent };
    if (!(await this.sessions.signIn(account, session, transaction))) return undefined;
    const { at: now } = signIn.authentication;
    const completed = { accountId: account.id, sessionId: undefined, origin, now };
    return deviceCookie(await this.devices.welcome(transaction, completed));
  }
}
