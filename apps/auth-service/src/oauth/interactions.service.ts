import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import type { Provider } from 'oidc-provider';
import { AccountsRepository } from '../accounts/accounts.repository';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import type { PresentedCredentials } from '../accounts/credentials';
import { LoginService } from '../accounts/login.service';
import { CLOCK } from '../app.tokens';
import { MfaRequired } from '../mfa/mfa-required';
import { interactionChallenge } from '../mfa/mfa-token';
import type { PresentedSecondFactor } from '../mfa/second-factor-login.service';
import { AuthorizationServer } from './authorization-server';
import { ClientsRepository } from './clients/clients.repository';
import { CodeStep } from './code-step';
import { saveGrant } from './oauth-accounts';
import { OauthSessionsRepository } from './oauth-sessions.repository';
import { wantedOf } from './wanted-scopes';
import { codePage } from './pages/code.page';
import { consentPage } from './pages/consent.page';
import { signInPage } from './pages/sign-in.page';
import { LIFETIMES } from './provider-configuration';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** A request of a browser in the middle of an interaction, and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A page to show, or undefined when the response has been written. */
export interface Shown {
  readonly status: number;
  readonly page: string;
  /** Where the client wants the answer. */
  readonly redirectUri: string;
}

/** What somebody sends from the page that asks for a code. */
export interface EnteredCode extends PresentedSecondFactor {
  /** Instead of a code: as somebody else. */
  readonly startAgain: boolean;
}

/** What happens between the client's request and its answer: somebody signs in, and allows or refuses. */
@Injectable()
export class InteractionsService {
  constructor(
    private readonly server: AuthorizationServer,
    private readonly login: LoginService,
    private readonly accounts: AccountsRepository,
    private readonly clients: ClientsRepository,
    private readonly sessions: OauthSessionsRepository,
    private readonly codeStep: CodeStep,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The page for what the interaction is at. @throws SessionNotFound when there is none in this browser */
  async show({ request, response }: Exchange): Promise<Shown> {
    const provider = await this.server.provider();
    return this.pageOf(await provider.interactionDetails(request, response));
  }

  /** Signs in, or shows again what to sign in with. */
  async signIn(
    { request, response }: Exchange,
    presented: PresentedCredentials,
  ): Promise<Shown | undefined> {
    const provider = await this.server.provider();
    const interaction = await provider.interactionDetails(request, response);
    if (interaction.prompt.name !== 'login') return this.pageOf(interaction);
    const at = this.clock();
    const authentication = { ...PASSWORD_AUTHENTICATION, at };
    const expiresAt = new Date(at.getTime() + LIFETIMES.browserSession * 1000);
    try {
      const accountId = await this.login.authenticate(
        presented,
        async (account) => {
          const { clientAddress, userAgent } = presented;
          const origin = { clientAddress, userAgent };
          const signIn = { ...origin, interactionUid: interaction.uid, authentication, expiresAt };
          return (await this.sessions.signIn(account, signIn)) ? account.id : undefined;
        },
        interactionChallenge(interaction.uid),
      );
      if (accountId instanceof MfaRequired) return await this.pageOf(interaction);
      const { acr, amr } = authentication;
      const login = { accountId, acr, amr: [...amr], ts: Math.floor(at.getTime() / 1000) };
      await provider.interactionFinished(request, response, { login });
      return undefined;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return this.signInAgain(interaction, presented.email, error);
    }
  }

  /** Completes a sign-in with a code, or shows again what to give. */
  async enterCode(
    { request, response }: Exchange,
    presented: EnteredCode,
  ): Promise<Shown | undefined> {
    const provider = await this.server.provider();
    const interaction = await provider.interactionDetails(request, response);
    if (interaction.prompt.name !== 'login') return this.pageOf(interaction);
    if (presented.startAgain) {
      await this.codeStep.startAgain(interaction.uid);
      return this.pageOf(interaction);
    }
    try {
      const login = await this.codeStep.complete(interaction.uid, presented);
      await provider.interactionFinished(request, response, { login: { ...login } });
      return undefined;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return this.codeAgain(interaction, presented.method, error);
    }
  }

  /** Gives the client what it asked for. */
  async consent({ request, response }: Exchange): Promise<Shown | undefined> {
    const provider = await this.server.provider();
    const interaction = await provider.interactionDetails(request, response);
    const { prompt, session, grantId: existing, params } = interaction;
    if (prompt.name !== 'consent' || session?.uid === undefined) return this.pageOf(interaction);
    const clientId = String(params['client_id']);
    const found = existing === undefined ? undefined : await provider.Grant.find(existing);
    const grant = found ?? new provider.Grant({ accountId: session.accountId, clientId });
    const wanted = wantedOf(prompt.details);
    grant.addOIDCScope(wanted.openid.join(' '));
    grant.addOIDCClaims([...wanted.claims]);
    for (const [resource, scopes] of wanted.resources) {
      grant.addResourceScope(resource, scopes.join(' '));
    }
    const opening = { clientId, browserUid: session.uid, now: this.clock() };
    const grantId = found ? await found.save() : await saveGrant(grant, opening, this.sessions);
    await provider.interactionFinished(
      request,
      response,
      grantId === undefined
        ? { error: 'access_denied', error_description: 'the sign-in has ended' }
        : { consent: { grantId } },
    );
    return undefined;
  }

  /** Tells the client that nothing comes of it. */
  async abort({ request, response }: Exchange): Promise<void> {
    const provider = await this.server.provider();
    await provider.interactionFinished(
      request,
      response,
      { error: 'access_denied', error_description: 'the person did not allow it' },
      { mergeWithLastSubmission: false },
    );
  }

  private async pageOf(interaction: Interaction): Promise<Shown> {
    const { uid, prompt, params, session } = interaction;
    const redirectUri = String(params['redirect_uri']);
    const path = `/oauth2/interaction/${uid}`;
    const clientName = await this.clientNameOf(interaction);
    if (prompt.name === 'login') {
      if (await this.codeStep.isNext(uid)) {
        return { status: 200, page: codePage({ path, clientName }), redirectUri };
      }
      const { login_hint: hint } = params;
      const email = typeof hint === 'string' ? hint : undefined;
      return { status: 200, page: signInPage({ path, clientName, email }), redirectUri };
    }
    const account = await this.accounts.findById(session?.accountId ?? '');
    const { openid, resources } = wantedOf(prompt.details);
    const returnsTo = new URL(redirectUri);
    const page = consentPage({
      path,
      clientName,
      email: account?.email ?? '',
      returnsTo: returnsTo.host || returnsTo.protocol,
      // The library asks for a scope of the API once as such, and once as that of its resource.
      scopes: [...new Set([...openid, ...resources.flatMap(([, scopes]) => scopes)])],
    });
    return { status: 200, page, redirectUri };
  }

  private async signInAgain(
    interaction: Interaction,
    email: string | undefined,
    refusal: ServiceError,
  ): Promise<Shown> {
    const path = `/oauth2/interaction/${interaction.uid}`;
    const clientName = await this.clientNameOf(interaction);
    const { status, error } = wordsFor(
      refusal,
      refusal.reason === 'mfa_refused' ? 'challenge' : 'password',
    );
    const redirectUri = String(interaction.params['redirect_uri']);
    return { status, page: signInPage({ path, clientName, email, error }), redirectUri };
  }

  /** The code again, or the password when the challenge has ended. */
  private async codeAgain(
    interaction: Interaction,
    method: string,
    refusal: ServiceError,
  ): Promise<Shown> {
    if (!(await this.codeStep.isNext(interaction.uid))) {
      return this.signInAgain(interaction, undefined, refusal);
    }
    const path = `/oauth2/interaction/${interaction.uid}`;
    const clientName = await this.clientNameOf(interaction);
    const { status, error } = wordsFor(refusal, 'code');
    const redirectUri = String(interaction.params['redirect_uri']);
    return { status, page: codePage({ path, clientName, method, error }), redirectUri };
  }

  private async clientNameOf({ params }: Interaction): Promise<string> {
    const id = String(params['client_id']);
    return (await this.clients.find(id))?.name ?? id;
  }
}

/** What is said of credentials that are not accepted. */
const REFUSED = {
  password: 'The e-mail address or the password is not right.',
  code: 'The code is not right, or was used before.',
  challenge: 'There were too many wrong codes, or it took too long. Sign in again.',
} as const;

/** One answer for an unknown account and for a wrong password. */
function wordsFor(
  { status, reason }: ServiceError,
  refused: keyof typeof REFUSED,
): { readonly status: number; readonly error: string } {
  if (status === 'RESOURCE_EXHAUSTED') {
    return { status: 429, error: 'Too many attempts. Wait some minutes, then try again.' };
  }
  if (status === 'UNAVAILABLE') {
    return { status: 503, error: 'Signing in does not work right now. Try again in a moment.' };
  }
  if (reason === 'email_invalid') {
    return { status: 400, error: 'This is not an e-mail address.' };
  }
  return { status: 401, error: REFUSED[refused] };
}
