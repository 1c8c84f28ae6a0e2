import { Injectable } from '@nestjs/common';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import type { Provider } from 'oidc-provider';
import { AccountsRepository } from '../accounts/accounts.repository';
import { namedChallenge } from '../mfa/mfa-token';
import type { MfaToken } from '../mfa/mfa-token';
import { isGrantable } from './api-scopes';
import { ClientsRepository } from './clients/clients.repository';
import { askedScopes } from './consents/asked-scopes';
import type { AskedScopes } from './consents/asked-scopes';
import { consentPage } from './pages/consent.page';
import { presentedBy, wordsFor } from './refusal-words';
import { SignInPages } from './sign-in-pages';

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The challenge that stands for a sign-in of this interaction whose password was right. */
export function challengeOf({ uid }: Interaction): MfaToken {
  return namedChallenge('interaction', uid);
}

/** A page to show. */
export interface Shown {
  readonly status: number;
  readonly page: string;
  /** Where the client wants the answer; undefined when there is none. */
  readonly redirectUri?: string;
  /** Whether it runs a script; most pages do not. */
  readonly hasScript?: boolean;
}

/** Where a browser goes on to by GET, so that reloading repeats nothing. */
export interface Redirection {
  readonly location: string;
  readonly cookies?: readonly string[];
}

/** The pages of an interaction. */
@Injectable()
export class InteractionPages {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly clients: ClientsRepository,
    private readonly signInPages: SignInPages,
  ) {}

  /** The page for what an interaction is at. */
  async of(interaction: Interaction): Promise<Shown> {
    const { prompt, params, session } = interaction;
    const redirectUri = String(params['redirect_uri']);
    const shape = { path: pathOf(interaction), clientName: await this.clientNameOf(interaction) };
    if (prompt.name === 'login') {
      const code = await this.signInPages.code(challengeOf(interaction), shape);
      if (code) return { status: 200, ...code, redirectUri };
      const { login_hint: hint } = params;
      const email = typeof hint === 'string' ? hint : undefined;
      return { status: 200, ...(await this.signInPages.signIn({ ...shape, email })), redirectUri };
    }
    const { email = '' } = (await this.accounts.findById(session?.accountId ?? '')) ?? {};
    const { scopes } = await this.askedIn(interaction);
    return {
      status: 200,
      page: consentPage({ ...shape, email, redirectUri, scopes }),
      redirectUri,
    };
  }

  /** The page to sign in on, after an attempt that was refused. */
  async signInAgain(
    interaction: Interaction,
    email: string | undefined,
    refusal: ServiceError,
    presented: 'password' | 'passkey' = 'password',
  ): Promise<Shown> {
    const { status, error } = wordsFor(refusal, presented);
    const shape = { path: pathOf(interaction), clientName: await this.clientNameOf(interaction) };
    const redirectUri = String(interaction.params['redirect_uri']);
    const page = await this.signInPages.signIn({ ...shape, email, error });
    return { status, ...page, redirectUri };
  }

  /** The page for the code, after one that was refused; to sign in on, when no further one may be given. */
  async codeAgain(interaction: Interaction, method: string, refusal: ServiceError): Promise<Shown> {
    const { status, error } = wordsFor(refusal, presentedBy(method));
    const shape = { path: pathOf(interaction), clientName: await this.clientNameOf(interaction) };
    const page = await this.signInPages.code(challengeOf(interaction), { ...shape, method, error });
    if (!page) return this.signInAgain(interaction, undefined, refusal);
    const redirectUri = String(interaction.params['redirect_uri']);
    return { status, ...page, redirectUri };
  }

  /**
   * All that an interaction asks somebody to allow, and not only what is new about it: who is asked each time is told each
   * time what for. The library has taken out of the request what this client cannot be given.
   */
  async askedIn({ params, session }: Interaction): Promise<AskedScopes> {
    const { scopes: held } = (await this.accounts.findById(session?.accountId ?? '')) ?? {};
    const { scope } = params;
    const asked = typeof scope === 'string' ? scope.split(' ').filter(isGrantable) : [];
    return askedScopes(asked, new Set(held));
  }

  private async clientNameOf({ params }: Interaction): Promise<string> {
    const id = String(params['client_id']);
    return (await this.clients.find(id))?.name ?? id;
  }
}

function pathOf({ uid }: Interaction): string {
  return `/oauth2/interaction/${uid}`;
}
