import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import type { Provider } from 'oidc-provider';
import { AccountsRepository } from '../../accounts/accounts.repository';
import { PASSWORD_AUTHENTICATION } from '../../accounts/credentials';
import type { PresentedCredentials } from '../../accounts/credentials';
import { LoginService } from '../../accounts/login.service';
import { CLOCK } from '../../app.tokens';
import { MfaRequired } from '../../mfa/mfa-required';
import type { MfaToken } from '../../mfa/mfa-token';
import type { Authenticated } from '../../mfa/second-factor';
import type { PresentedSecondFactor } from '../../mfa/second-factor-login.service';
import type { PresentedPasskeyLogin } from '../../passkeys/passkey-login.service';
import { AuthorizationServer } from '../authorization-server';
import { BrowserSignIns } from '../browser-sign-ins';
import type { BrowserLogin } from '../browser-sign-ins';
import { CodeStep } from '../code-step';
import { GrantsService } from '../grants.service';
import { OauthSessionsRepository } from '../oauth-sessions.repository';
import { PasskeyStep } from '../passkey-step';
import { LIFETIMES, SIGNED_IN_COOKIE } from '../provider-configuration';
import { newPageChallenge } from './code-cookie';

type BrowserSession = InstanceType<Provider['Session']>;

/** A browser in which somebody is signed in at the authorization server. */
export interface SignedInBrowser {
  readonly accountId: string;
  readonly email: string;
  readonly uid: string;
  /** When they last proved who they are, in this browser. */
  readonly authenticatedAt: Date;
  /** Known to this browser's pages alone: derived from its cookie, which no page can read. */
  readonly formToken: string;
}

/** Who is signed in in a browser, by the same cookie and session as the authorization endpoint has. */
@Injectable()
export class SignedInBrowsers {
  constructor(
    private readonly server: AuthorizationServer,
    private readonly login: LoginService,
    private readonly codeStep: CodeStep,
    private readonly passkeyStep: PasskeyStep,
    private readonly accounts: AccountsRepository,
    private readonly signIns: BrowserSignIns,
    private readonly sessions: OauthSessionsRepository,
    private readonly grants: GrantsService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Undefined where nobody is signed in, or not any more. */
  async find(cookies: string | undefined): Promise<SignedInBrowser | undefined> {
    const presented = presentedCookieOf(cookies);
    const session = await this.sessionOf(presented);
    if (presented === undefined || session?.accountId === undefined) return undefined;
    const account = await this.accounts.findById(session.accountId);
    if (account === undefined || account.lockedAt !== undefined) return undefined;
    const { id: accountId, email } = account;
    const authenticatedAt = new Date((session.loginTs ?? 0) * 1000);
    const formToken = formTokenOf(presented);
    return { accountId, email, uid: session.uid, authenticatedAt, formToken };
  }

  /**
   * Signs somebody in who came to no client, in place of whoever was there; where there is a second factor, opens a challenge.
   *
   * @returns the cookies to set
   * @throws ServiceError as `LoginService.authenticate` does
   */
  async signIn(
    presented: PresentedCredentials,
    before: SignedInBrowser | undefined,
  ): Promise<readonly string[]> {
    const { Session } = await this.server.provider();
    const session = new Session();
    const { challenge, cookie } = newPageChallenge();
    const opened = await this.login.authenticate(
      presented,
      (account) =>
        this.signIns.open(session.uid, { account, how: PASSWORD_AUTHENTICATION }, presented),
      challenge,
    );
    if (opened instanceof MfaRequired) return [cookie];
    return this.letIn(session, opened, before);
  }

  /**
   * Completes a sign-in whose password was right.
   *
   * @returns the cookies to set
   * @throws ServiceError as {@link CodeStep.complete} does
   */
  async enterCode(
    challenge: MfaToken,
    presented: PresentedSecondFactor,
    before: SignedInBrowser | undefined,
  ): Promise<readonly string[]> {
    const { Session } = await this.server.provider();
    const session = new Session();
    const opened = await this.codeStep.complete(challenge, session.uid, presented);
    return this.letIn(session, opened, before);
  }

  /**
   * Signs somebody in by a passkey alone.
   *
   * @returns the cookies to set
   * @throws ServiceError as {@link PasskeyStep.complete} does
   */
  async usePasskey(
    presented: PresentedPasskeyLogin,
    before: SignedInBrowser | undefined,
  ): Promise<readonly string[]> {
    const { Session } = await this.server.provider();
    const session = new Session();
    const opened = await this.passkeyStep.complete(session.uid, presented);
    return this.letIn(session, opened, before);
  }

  /** Has clients told from now on that more was proved in this browser than when somebody signed in. */
  async raise(cookies: string | undefined, { acr, amr }: Authenticated): Promise<void> {
    const session = await this.sessionOf(presentedCookieOf(cookies));
    if (session === undefined) return;
    Object.assign(session, { acr, amr: [...amr] });
    await session.persist();
  }

  private async sessionOf(presented: string | undefined): Promise<BrowserSession | undefined> {
    if (presented === undefined) return undefined;
    const { Session } = await this.server.provider();
    return Session.find(presented);
  }

  /** Makes a session of the library that of the browser. @returns the cookies to set */
  private async letIn(
    session: BrowserSession,
    { login, deviceCookie }: BrowserLogin,
    before: SignedInBrowser | undefined,
  ): Promise<readonly string[]> {
    const { accountId, acr, amr, ts } = login;
    if (before) await this.grants.signOut(before.uid);
    await this.sessions.adopt(session.uid, session.uid, this.clock());
    session.loginAccount({ accountId, acr, amr, loginTs: ts });
    await session.save(LIFETIMES.browserSession);
    const expires = new Date((ts + LIFETIMES.browserSession) * 1000).toUTCString();
    const signedIn = `${SIGNED_IN_COOKIE}=${session.jti}; Path=/oauth2; Expires=${expires}; HttpOnly; Secure; SameSite=Lax`;
    return [signedIn, deviceCookie];
  }
}

/** Whether a form comes from a page of this browser. */
export function isFormOf({ formToken }: SignedInBrowser, presentedToken: string): boolean {
  const [expected, presented] = [Buffer.from(formToken), Buffer.from(presentedToken)];
  return expected.length === presented.length && timingSafeEqual(expected, presented);
}

function presentedCookieOf(cookies: string | undefined): string | undefined {
  return new RegExp(`(?:^|; )${SIGNED_IN_COOKIE}=([\\w-]+)`).exec(cookies ?? '')?.[1];
}

function formTokenOf(cookie: string): string {
  return createHmac('sha256', cookie).update('sallyport account page').digest('base64url');
}
