import { Injectable } from '@nestjs/common';
import { PasskeyLoginService } from '../passkeys/passkey-login.service';
import type { PresentedPasskeyLogin } from '../passkeys/passkey-login.service';
import { BrowserEntry } from './browser-entry';
import type { CompletedLogin } from './browser-entry';

/** The step in which a passkey is a whole sign-in in a browser, on the way to a client or to the account page. */
@Injectable()
export class PasskeyStep {
  constructor(
    private readonly login: PasskeyLoginService,
    private readonly entry: BrowserEntry,
  ) {}

  /**
   * Opens the browser's session.
   *
   * @param interactionUid the name the session waits under until its browser is known
   * @throws ServiceError as {@link PasskeyLoginService.authenticate} does
   */
  async complete(
    interactionUid: string,
    presented: PresentedPasskeyLogin,
  ): Promise<CompletedLogin> {
    const opens = this.entry.opens(interactionUid, presented);
    return this.login.authenticate(presented, (enter) =>
      enter(opens).then((outcome) => (outcome === 'key_changed' ? undefined : outcome)),
    );
  }
}
