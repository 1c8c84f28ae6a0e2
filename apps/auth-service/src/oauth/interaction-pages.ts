import { Injectable } from '@nestjs/common';
import type { ServiceError } from '@sallyport/nest-zero-trust';
import type { Provider } from 'oidc-provider';
import { AccountsRepository } from '../accounts/accounts.repository';
import { ClientsRepository } from './clients/clients.repository';
import { askedScopes } from './consents/asked-scopes';
import type { AskedScopes } from './consents/asked-scopes';
import { consentPage } from './pages/consent.page';
import { signInPage } from './pages/sign-in.page';
import { wordsFor } from './refusal-words';
import { wantedOf } from './wanted-scopes';

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** A page to show. */
export interface Shown {
  readonly status: number;
  readonly page: string;
  /** Where the client wants the answer; undefined when there is none. */
  readonly redirectUri?: string;
}

/** Where a browser goes on to by GET, so that reloading repeats nothing. */
export interface Redirection {
  readonly location: string;
  readonly cookie?: string;
}

/** The pages of an interaction. */
@Injectable()
export class InteractionPages {
  constructor(
    private readonly accounts: AccountsRepository,
    private readonly clients: ClientsRepository,
  ) {}

  /** The page for what an interaction is at. */
  async of(interaction: Interaction): Promise<Shown> {
    const { prompt, params, session } = interaction;
    const redirectUri = String(params['redirect_uri']);
    const shape = { path: pathOf(interaction), clientName: await this.clientNameOf(interaction) };
    if (prompt.name === 'login') {
      const { login_hint: hint } = params;
      const email = typeof hint === 'string' ? hint : undefined;
      return { status: 200, page: signInPage({ ...shape, email }), redirectUri };
    }
    const { email = '' } = (await this.accounts.findById(session?.accountId ?? '')) ?? {};
    const { scopes } = askedIn(interaction);
    return {
      status: 200,
      page: consentPage({ ...shape, email, redirectUri, scopes }),
      redirectUri,
    };
  }

  /** The page to sign in on, after an attempt that was refused. */
  async signInAgain(
    interaction: Interaction,
    email: string,
    refusal: ServiceError,
  ): Promise<Shown> {
    const { status, error } = wordsFor(refusal);
    const shape = { path: pathOf(interaction), clientName: await this.clientNameOf(interaction) };
    const redirectUri = String(interaction.params['redirect_uri']);
    return { status, page: signInPage({ ...shape, email, error }), redirectUri };
  }

  private async clientNameOf({ params }: Interaction): Promise<string> {
    const id = String(params['client_id']);
    return (await this.clients.find(id))?.name ?? id;
  }
}

/** What an interaction asks somebody to allow. The library names a scope of the API as its resource's only when it is held. */
export function askedIn({ prompt }: Pick<Interaction, 'prompt'>): AskedScopes {
  const { openid, resources } = wantedOf(prompt.details);
  const held = resources.flatMap(([, scopes]) => scopes);
  return askedScopes([...openid, ...held], new Set(held));
}

function pathOf({ uid }: Interaction): string {
  return `/oauth2/interaction/${uid}`;
}
