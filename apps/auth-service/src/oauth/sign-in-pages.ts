import { Injectable } from '@nestjs/common';
import type { MfaToken } from '../mfa/mfa-token';
import { PasskeyAssertions } from '../passkeys/passkey-assertions';
import type { AssertionAsked } from '../passkeys/passkey-assertions';
import { CodeStep } from './code-step';
import type { CodeChoices } from './code-step';
import { codePage } from './pages/code.page';
import type { CodePage } from './pages/code.page';
import { signInPage } from './pages/sign-in.page';
import type { SignInPage } from './pages/sign-in.page';

/** A page that may ask for a passkey. */
export interface ScriptedPage {
  readonly page: string;
  readonly hasScript: true;
}

/**
 * The pages on which people sign in, on the way to a client or to the account page. Each has its own challenge for a passkey in
 * it: nothing is fetched by a script.
 */
@Injectable()
export class SignInPages {
  constructor(
    private readonly codeStep: CodeStep,
    private readonly assertions: PasskeyAssertions,
  ) {}

  /** Where the password is given, or a passkey in its place. */
  async signIn(shape: Omit<SignInPage, 'passkeyOptions'>): Promise<ScriptedPage> {
    const passkeyOptions = await this.optionsFor({ purpose: 'login' });
    return { page: signInPage({ ...shape, passkeyOptions }), hasScript: true };
  }

  /** Where the sign-in of a challenge is completed; undefined when the password comes first. */
  async code(
    token: MfaToken,
    shape: Omit<CodePage, keyof CodeChoices | 'passkeyOptions'>,
  ): Promise<ScriptedPage | undefined> {
    const choices = await this.codeStep.choices(token);
    if (choices === undefined) return undefined;
    const { account, methods, isMessageSent } = choices;
    const passkeyOptions = methods.includes('passkey')
      ? await this.optionsFor({ purpose: 'second_factor', account, boundTo: token })
      : undefined;
    const page = codePage({ ...shape, methods, isMessageSent, passkeyOptions });
    return { page, hasScript: true };
  }

  private async optionsFor(asked: AssertionAsked): Promise<string> {
    const { options } = await this.assertions.ask(asked);
    return JSON.stringify(options);
  }
}
