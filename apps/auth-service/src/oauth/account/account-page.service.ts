import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { createPrincipal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { CompromisedAccounts } from '../../account-security/compromised-accounts.service';
import { securedPage } from '../../account-security/not-me.page';
import type { PresentedCredentials } from '../../accounts/credentials';
import { CLOCK } from '../../app.tokens';
import type { MfaToken } from '../../mfa/mfa-token';
import type { PresentedPasskeyLogin } from '../../passkeys/passkey-login.service';
import { PasskeysRepository } from '../../passkeys/passkeys.repository';
import { OwnSessionsService } from '../../sessions/own-sessions.service';
import { CodeStep } from '../code-step';
import type { EnteredCode } from '../code-step';
import { ConsentsService } from '../consents/consents.service';
import type { Redirection, Shown } from '../interaction-pages';
import { accountPage, NOTICES } from '../pages/account.page';
import { presentedBy, wordsFor } from '../refusal-words';
import { SignInPages } from '../sign-in-pages';
import { NO_CODE_COOKIE, pageChallengeOf } from './code-cookie';
import { HeldSessionsRepository } from './held-sessions.repository';
import { ShownSecurity } from './shown-security';
import { isFormOf, SignedInBrowsers } from './signed-in-browsers';
import type { SignedInBrowser } from './signed-in-browsers';

export const ACCOUNT_PATH = '/oauth2/account';

/** What ends sessions or changes passkeys takes a sign-in of so many seconds ago at most, as it does at the API. */
export const RECENT_SECONDS = 5 * 60;

/** What a browser posts to the page. */
export interface AccountForm {
  readonly cookies: string | undefined;
  readonly fields: URLSearchParams;
  readonly clientAddress: string | undefined;
}

/** The page on which people look after what they allowed and where they are signed in. */
@Injectable()
export class AccountPageService {
  constructor(
    private readonly browsers: SignedInBrowsers,
    private readonly codeStep: CodeStep,
    private readonly signInPages: SignInPages,
    private readonly passkeys: PasskeysRepository,
    private readonly consents: ConsentsService,
    private readonly held: HeldSessionsRepository,
    private readonly ownSessions: OwnSessionsService,
    private readonly security: ShownSecurity,
    private readonly compromised: CompromisedAccounts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param done what the page is to say was done; anything but a key of {@link NOTICES} is ignored */
  async show(cookies: string | undefined, done?: string): Promise<Shown> {
    const code = await this.codeHere(pageChallengeOf(cookies));
    if (code) return code;
    const browser = await this.browsers.find(cookies);
    if (browser === undefined) return this.signInHere();
    const notice = Object.entries(NOTICES).find(([name]) => name === done)?.[1];
    return { status: 200, page: await this.pageFor(browser, { notice }) };
  }

  /** Signs in, or goes on to the code, or shows again what to sign in with. */
  async signIn(
    cookies: string | undefined,
    presented: PresentedCredentials,
  ): Promise<Shown | Redirection> {
    try {
      const before = await this.browsers.find(cookies);
      return {
        location: ACCOUNT_PATH,
        cookies: await this.browsers.signIn(presented, before),
      };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { status, error: words } = wordsFor(error);
      return this.signInHere(status, { email: presented.email, error: words });
    }
  }

  /** Signs in with a passkey in the place of a password, or shows again what to sign in with. */
  async usePasskey(
    cookies: string | undefined,
    presented: PresentedPasskeyLogin,
  ): Promise<Shown | Redirection> {
    try {
      const before = await this.browsers.find(cookies);
      const signedIn = await this.browsers.usePasskey(presented, before);
      return { location: ACCOUNT_PATH, cookies: [...signedIn, NO_CODE_COOKIE] };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { status, error: words } = wordsFor(error, 'passkey');
      return this.signInHere(status, { error: words });
    }
  }

  /** Completes a sign-in with a code, has one sent, or shows again what to give. */
  async enterCode(
    cookies: string | undefined,
    presented: EnteredCode,
  ): Promise<Shown | Redirection> {
    const challenge = pageChallengeOf(cookies);
    if (challenge === undefined) return { location: ACCOUNT_PATH };
    if (presented.startAgain) {
      await this.codeStep.startAgain(challenge);
      return { location: ACCOUNT_PATH, cookies: [NO_CODE_COOKIE] };
    }
    try {
      if (presented.sendMessage) {
        await this.codeStep.sendMessage(challenge, presented.clientAddress);
        return (await this.codeHere(challenge)) ?? (await this.signInHere());
      }
      const before = await this.browsers.find(cookies);
      const signedIn = await this.browsers.enterCode(challenge, presented, before);
      return { location: ACCOUNT_PATH, cookies: [...signedIn, NO_CODE_COOKIE] };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { method } = presented;
      const { status, error: words } = wordsFor(error, presentedBy(method));
      const again = await this.codeHere(challenge, status, { method, error: words });
      return again ?? this.signInHere(status, { error: wordsFor(error).error });
    }
  }

  /** Withdraws what was allowed to a client. */
  withdraw(form: AccountForm): Promise<Shown | Redirection> {
    return this.act(form, 'withdrawn', ({ accountId }) => {
      const clientId = form.fields.get('client_id') ?? '';
      return this.consents.withdraw({ accountId, clientId }, form.clientAddress);
    });
  }

  /** Ends one of the sessions, for somebody who has just signed in; has others sign in again first. */
  async end(form: AccountForm): Promise<Shown | Redirection> {
    const browser = await this.browsers.find(form.cookies);
    if (browser !== undefined && !this.hasJustSignedIn(browser)) {
      const error = 'Nothing was ended: you signed in some time ago. Sign in again, and repeat it.';
      return this.signInHere(403, { email: browser.email, error });
    }
    return this.act(form, 'ended', ({ accountId: id }) => {
      const principal = createPrincipal({
        ...{ id, type: 'user', scopes: new Set<string>() },
        ...{ clientId: undefined, sessionId: undefined, acr: undefined, authTime: undefined },
      });
      const sessionId = form.fields.get('session_id') ?? '';
      return this.ownSessions.endOne(principal, sessionId, form.clientAddress);
    });
  }

  /** Says that somebody else is in the account. Nobody is signed in afterwards, here neither. */
  async reportCompromised(form: AccountForm): Promise<Shown | Redirection> {
    const done = await this.act(form, 'ended', async ({ accountId, uid }) => {
      const own = await this.held.ofBrowser(uid, this.clock());
      const { clientAddress } = form;
      await this.compromised.reportInSession(accountId, (id) => id === own?.id, { clientAddress });
    });
    return 'location' in done ? { status: 200, page: securedPage() } : done;
  }

  private hasJustSignedIn({ authenticatedAt }: SignedInBrowser): boolean {
    return this.clock().getTime() - authenticatedAt.getTime() <= RECENT_SECONDS * 1000;
  }

  private async act(
    { cookies, fields }: AccountForm,
    done: keyof typeof NOTICES,
    work: (browser: SignedInBrowser) => Promise<void>,
  ): Promise<Shown | Redirection> {
    const browser = await this.browsers.find(cookies);
    if (browser === undefined) return this.signInHere(403);
    if (!isFormOf(browser, fields.get('form_token') ?? '')) {
      const error = 'Nothing was changed: this page had been open for too long. Try again.';
      return { status: 403, page: await this.pageFor(browser, { error }) };
    }
    try {
      await work(browser);
    } catch (error) {
      // What is gone already is as it was wanted: twice clicked, or ended elsewhere.
      if (!(error instanceof ServiceError)) throw error;
      if (error.status !== 'NOT_FOUND') {
        const words = 'Nothing was changed: this does not work right now. Try again in a moment.';
        return { status: 503, page: await this.pageFor(browser, { error: words }) };
      }
    }
    return { location: `${ACCOUNT_PATH}?done=${done}` };
  }

  /** The page of somebody signed in. */
  async pageFor(
    { accountId, email, uid, formToken }: SignedInBrowser,
    said: { readonly notice?: string | undefined; readonly error?: string },
  ): Promise<string> {
    const consents = await this.consents.list(accountId);
    const sessions = await this.held.list(accountId, uid, this.clock());
    const security = await this.security.of(accountId);
    const passkeys = await this.passkeys.list(accountId);
    const shown = { ...security, passkeys, isOnlyFactor: security.factors.length === 1 };
    return accountPage({ email, consents, sessions, ...shown, formToken, ...said });
  }

  /** The page to sign in on. */
  async signInHere(
    status = 200,
    again: { readonly email?: string; readonly error?: string; readonly purpose?: string } = {},
  ): Promise<Shown> {
    return { status, ...(await this.signInPages.signIn({ path: ACCOUNT_PATH, ...again })) };
  }

  /** The page that completes a sign-in; undefined where the password comes first. */
  private async codeHere(
    challenge: MfaToken | undefined,
    status = 200,
    again: { readonly method?: string; readonly error?: string } = {},
  ): Promise<Shown | undefined> {
    const shape = { path: ACCOUNT_PATH, ...again };
    const page = challenge && (await this.signInPages.code(challenge, shape));
    return page && { status, ...page };
  }
}
