import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import type { PresentedCredentials } from '../accounts/credentials';
import { LoginService } from '../accounts/login.service';
import { CLOCK, TOKEN_PROFILE } from '../app.tokens';
import { MfaRequired } from '../mfa/mfa-required';
import type { PresentedPasskeyLogin } from '../passkeys/passkey-login.service';
import type { AccessTokenProfile } from '../tokens/own-access-tokens';
import { AuthorizationServer } from './authorization-server';
import { BrowserSignIns } from './browser-sign-ins';
import type { BrowserLogin } from './browser-sign-ins';
import { CodeStep } from './code-step';
import type { EnteredCode } from './code-step';
import { allowIn } from './consents/asked-scopes';
import { ConsentsService } from './consents/consents.service';
import { newGrantId } from './grant-id';
import { GrantsService } from './grants.service';
import { challengeOf, InteractionPages } from './interaction-pages';
import type { Interaction, Redirection, Shown } from './interaction-pages';
import { PasskeyStep } from './passkey-step';
import { LIFETIMES } from './provider-configuration';
import { providerLibrary } from './provider-library';

/** A request of a browser in the middle of an interaction, and where its answer goes. */
export interface Exchange {
  /** Of the interaction, as the request's path has it. */
  readonly uid: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * What happens between the client's request and its answer: somebody signs in, and allows or refuses. Each step answers with
 * a page, or with undefined when it has written the response.
 */
@Injectable()
export class InteractionsService {
  constructor(
    private readonly server: AuthorizationServer,
    private readonly login: LoginService,
    private readonly codeStep: CodeStep,
    private readonly passkeyStep: PasskeyStep,
    private readonly pages: InteractionPages,
    private readonly signIns: BrowserSignIns,
    private readonly grants: GrantsService,
    private readonly consents: ConsentsService,
    @Inject(TOKEN_PROFILE) private readonly profile: AccessTokenProfile,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The page for what the interaction is at. @throws SessionNotFound when it is none of this browser's */
  async show(exchange: Exchange): Promise<Shown> {
    return this.pages.of(await this.find(exchange));
  }

  /** Signs in, or shows what to go on with: a code, or the password again. */
  async signIn(exchange: Exchange, presented: PresentedCredentials): Promise<Shown | undefined> {
    const interaction = await this.find(exchange);
    if (interaction.prompt.name !== 'login') return this.pages.of(interaction);
    const { uid } = interaction;
    try {
      const opened = await this.login.authenticate(
        presented,
        (account) => this.signIns.open(uid, { account, how: PASSWORD_AUTHENTICATION }, presented),
        challengeOf(interaction),
      );
      if (opened instanceof MfaRequired) return await this.pages.of(interaction);
      await this.letIn(exchange, interaction, opened);
      return undefined;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return this.pages.signInAgain(interaction, presented.email, error);
    }
  }

  /** Signs in with a passkey in the place of a password, or shows again what to sign in with. */
  async usePasskey(
    exchange: Exchange,
    presented: PresentedPasskeyLogin,
  ): Promise<Shown | undefined> {
    const interaction = await this.find(exchange);
    if (interaction.prompt.name !== 'login') return this.pages.of(interaction);
    try {
      const opened = await this.passkeyStep.complete(interaction.uid, presented);
      await this.letIn(exchange, interaction, opened);
      return undefined;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return this.pages.signInAgain(interaction, undefined, error, 'passkey');
    }
  }

  /** Completes a sign-in with a code, has one sent, or shows again what to give. */
  async enterCode(exchange: Exchange, presented: EnteredCode): Promise<Shown | undefined> {
    const interaction = await this.find(exchange);
    if (interaction.prompt.name !== 'login') return this.pages.of(interaction);
    if (presented.startAgain) {
      await this.codeStep.startAgain(challengeOf(interaction));
      return this.pages.of(interaction);
    }
    try {
      if (presented.sendMessage) {
        await this.codeStep.sendMessage(challengeOf(interaction), presented.clientAddress);
        return await this.pages.of(interaction);
      }
      const { uid } = interaction;
      const opened = await this.codeStep.complete(challengeOf(interaction), uid, presented);
      await this.letIn(exchange, interaction, opened);
      return undefined;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      return this.pages.codeAgain(interaction, presented.method, error);
    }
  }

  /** Gives the client what it asked for, and remembers that. */
  async consent(exchange: Exchange, clientAddress: string | undefined): Promise<Shown | undefined> {
    const interaction = await this.find(exchange);
    const { prompt, session, grantId: existing, params } = interaction;
    if (prompt.name !== 'consent' || session === undefined) return this.pages.of(interaction);
    const asked = await this.pages.askedIn(interaction);
    const provider = await this.server.provider();
    const parties = { accountId: session.accountId, clientId: String(params['client_id']) };
    const found = existing === undefined ? undefined : await provider.Grant.find(existing);
    const grant = found ?? new provider.Grant(parties);
    allowIn(grant, asked, this.profile.audience);
    if (found === undefined) grant.jti = newGrantId();
    const now = this.clock();
    const expiresAt = new Date(now.getTime() + LIFETIMES.grant * 1000);
    const { clientId } = parties;
    const opening = { grantId: grant.jti, clientId, browserUid: session.uid, now, expiresAt };
    const isGiven = await this.consents.give(
      parties,
      asked.scopes,
      found ? undefined : opening,
      clientAddress,
    );
    if (!isGiven) return this.refuse(exchange, 'the sign-in has ended');
    return this.finish(exchange, { consent: { grantId: await grant.save() } });
  }

  /** Tells the client that nothing comes of it. */
  async abort(exchange: Exchange): Promise<undefined> {
    await this.find(exchange);
    return this.refuse(exchange, 'the person did not allow it');
  }

  /** Signs out who is signed in in this browser, and goes on with whoever signs in next. */
  async switchAccount(exchange: Exchange): Promise<Redirection> {
    const interaction = await this.find(exchange);
    await this.leave(interaction);
    return { location: `/oauth2/interaction/${interaction.uid}` };
  }

  /** Goes on with who has signed in. Two people share no session of a browser: the one who was there before is signed out. */
  private async letIn(
    exchange: Exchange,
    interaction: Interaction,
    { login, deviceCookie }: BrowserLogin,
  ): Promise<void> {
    if (interaction.session && interaction.session.accountId !== login.accountId) {
      await this.leave(interaction);
    }
    exchange.response.setHeader('set-cookie', deviceCookie);
    await this.finish(exchange, { login: { ...login } });
  }

  /** Makes an interaction that of a browser in which nobody is signed in, or about to be. */
  private async leave(interaction: Interaction): Promise<void> {
    const { session } = interaction;
    delete interaction.session;
    delete interaction.grantId;
    interaction.prompt = { name: 'login', reasons: ['account_left'], details: {} };
    await interaction.persist();
    await this.codeStep.startAgain(challengeOf(interaction));
    if (session) await this.grants.signOut(session.uid);
  }

  /**
   * The interaction of a request: the one its path names, which is this browser's by its cookie.
   *
   * @throws SessionNotFound when there is none, or the path names another one
   */
  private async find({ uid, request, response }: Exchange): Promise<Interaction> {
    const provider = await this.server.provider();
    const interaction = await provider.interactionDetails(request, response);
    if (interaction.uid === uid) return interaction;
    const { errors } = providerLibrary();
    throw new errors.SessionNotFound('this is not the interaction of the browser');
  }

  private refuse(exchange: Exchange, why: string): Promise<undefined> {
    return this.finish(exchange, { error: 'access_denied', error_description: why });
  }

  private async finish(
    { request, response }: Exchange,
    result: Parameters<
      Awaited<ReturnType<AuthorizationServer['provider']>>['interactionFinished']
    >[2],
  ): Promise<undefined> {
    const provider = await this.server.provider();
    const isError = result['error'] !== undefined;
    const merging = { mergeWithLastSubmission: !isError };
    await provider.interactionFinished(request, response, result, merging);
    return undefined;
  }
}
