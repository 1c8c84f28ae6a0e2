import { Injectable } from '@nestjs/common';
import { PasskeyLoginService } from '../passkeys/passkey-login.service';
import type { PresentedPasskeyLogin } from '../passkeys/passkey-login.service';
import { BrowserSignIns } from './browser-sign-ins';
import type { BrowserLogin } from './browser-sign-ins';

/** The step in which a passkey is a whole sign-in in a browser, on the way to a client or to the account page. */
@Injectable()
export class PasskeyStep {
  constructor(
    private readonly login: PasskeyLoginService,
    private readonly signIns: BrowserSignIns,
  ) {}

  /**
   * Opens the browser's session.
   *
   * @param interactionUid the name the session waits under until its browser is known
   * @throws ServiceError as {@link PasskeyLoginService.authenticate} does
   */
  async complete(interactionUid: string, presented: PresentedPasskeyLogin): Promise<BrowserLogin> {
    const opens = this.signIns.opens(interactionUid, presented);
    return this.login.authenticate(presented, (enter) =>
      enter(opens).then((outcome) => (outcome === 'key_changed' ? undefined : outcome)),
    );
  }
}
