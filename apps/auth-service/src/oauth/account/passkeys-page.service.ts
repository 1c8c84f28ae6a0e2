import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { createPrincipal } from '@sallyport/principal';
import type { Principal } from '@sallyport/principal';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../../app.tokens';
import { OwnPasskeysService } from '../../passkeys/own-passkeys.service';
import { authenticationBy } from '../../passkeys/passkey-assertions';
import { PasskeyEnrolmentService } from '../../passkeys/passkey-enrolment.service';
import type { Redirection, Shown } from '../interaction-pages';
import type { PASSKEY_NOTICES } from '../pages/account/passkeys.section';
import { newPasskeyPage } from '../pages/new-passkey.page';
import { recoveryCodesPage } from '../pages/recovery-codes.page';
import { ACCOUNT_PATH, AccountPageService, RECENT_SECONDS } from './account-page.service';
import type { AccountForm } from './account-page.service';
import { HeldSessionsRepository } from './held-sessions.repository';
import { wordsForChange } from './passkey-refusal-words';
import { isFormOf, SignedInBrowsers } from './signed-in-browsers';
import type { SignedInBrowser } from './signed-in-browsers';

const AGAIN = 'Sign in again to change your passkeys: you have been signed in for a while.';

/** Somebody signed in, and whether that was just now. */
interface Owner {
  readonly browser: SignedInBrowser;
  readonly principal: Principal;
  readonly isRecent: boolean;
}

/** What people do with their passkeys on the account page. */
@Injectable()
export class PasskeysPageService {
  constructor(
    private readonly account: AccountPageService,
    private readonly browsers: SignedInBrowsers,
    private readonly held: HeldSessionsRepository,
    private readonly enrolment: PasskeyEnrolmentService,
    private readonly own: OwnPasskeysService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The page to add one on. */
  async begin(cookies: string | undefined): Promise<Shown> {
    const owner = await this.ownerIn(cookies);
    if (!owner) return this.account.signInHere();
    if (!owner.isRecent) return this.account.signInHere(200, { purpose: AGAIN });
    return this.orRefused(owner, () => this.newPasskey(owner));
  }

  /** Adds one; with the first factor come recovery codes, which are shown once. */
  enrol(form: AccountForm): Promise<Shown | Redirection> {
    return this.change(form, { needsRecent: true }, async (owner) => {
      const { fields, cookies, clientAddress } = form;
      const name = fields.get('name')?.trim() ?? '';
      const credential = fields.get('credential') ?? '';
      const presented = { credential, name: name === '' ? undefined : name, clientAddress };
      try {
        const enrolled = await this.enrolment.enrol(owner.principal, presented);
        const { passkey, recoveryCodes } = enrolled;
        if (recoveryCodes.length === 0) return doneWith('passkey_added');
        await this.browsers.raise(cookies, authenticationBy(passkey, { purpose: 'enrol' }));
        return { status: 200, page: recoveryCodesPage(recoveryCodes) };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        const { status, error: words } = wordsForChange(error);
        return this.newPasskey(owner, { status, name, error: words });
      }
    });
  }

  rename(form: AccountForm): Promise<Shown | Redirection> {
    return this.change(form, { needsRecent: false }, async ({ principal }) => {
      const name = form.fields.get('name')?.trim() ?? '';
      await this.own.rename(principal, form.fields.get('passkey_id') ?? '', name);
      return doneWith('passkey_renamed');
    });
  }

  remove(form: AccountForm): Promise<Shown | Redirection> {
    return this.change(form, { needsRecent: true }, async ({ principal }) => {
      const { fields, clientAddress } = form;
      const password = fields.get('password') ?? undefined;
      const id = fields.get('passkey_id') ?? '';
      await this.own.remove(principal, { id, password, clientAddress });
      return doneWith('passkey_removed');
    });
  }

  private async change(
    { cookies, fields }: AccountForm,
    { needsRecent }: { readonly needsRecent: boolean },
    work: (owner: Owner) => Promise<Shown | Redirection>,
  ): Promise<Shown | Redirection> {
    const owner = await this.ownerIn(cookies);
    if (!owner) return this.account.signInHere(403);
    const { browser, isRecent } = owner;
    if (!isFormOf(browser, fields.get('form_token') ?? '')) {
      const error = 'Nothing was changed: this page had been open for too long. Try again.';
      return { status: 403, page: await this.account.pageFor(browser, { error }) };
    }
    if (needsRecent && !isRecent) return this.account.signInHere(401, { purpose: AGAIN });
    return this.orRefused(owner, () => work(owner));
  }

  private async orRefused<Answer>(
    { browser }: Owner,
    work: () => Promise<Answer>,
  ): Promise<Answer | Shown> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { status, error: words } = wordsForChange(error);
      return { status, page: await this.account.pageFor(browser, { error: words }) };
    }
  }

  private async newPasskey(
    { principal, browser: { formToken } }: Owner,
    again: { readonly status?: number; readonly name?: string; readonly error?: string } = {},
  ): Promise<Shown> {
    const { options } = await this.enrolment.begin(principal);
    const { status = 200, ...shape } = again;
    const page = newPasskeyPage({ ...shape, options: JSON.stringify(options), formToken });
    return { status, page, hasScript: true };
  }

  private async ownerIn(cookies: string | undefined): Promise<Owner | undefined> {
    const browser = await this.browsers.find(cookies);
    const now = this.clock();
    const session = browser && (await this.held.ofBrowser(browser.uid, now));
    if (!session) return undefined;
    const authTime = Math.floor(session.authenticatedAt.getTime() / 1000);
    const principal = createPrincipal({
      ...{ id: browser.accountId, type: 'user', scopes: new Set<string>() },
      ...{ clientId: undefined, sessionId: session.id, acr: session.acr, authTime },
    });
    const age = now.getTime() - session.authenticatedAt.getTime();
    return { browser, principal, isRecent: age <= RECENT_SECONDS * 1000 };
  }
}

function doneWith(done: keyof typeof PASSKEY_NOTICES): Redirection {
  return { location: `${ACCOUNT_PATH}?done=${done}` };
}
