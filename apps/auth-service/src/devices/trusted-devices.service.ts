import { Inject, Injectable } from '@nestjs/common';
import type { Clock } from '@sallyport/tokens';
import type { EmailAddress } from '../accounts/email-address';
import { CLOCK } from '../app.tokens';
import { deviceWords } from '../mail/device-words';
import { OwnerNotices } from '../mail/owner-notices';
import type { AuthConnection } from '../revocations/record-revocation';
import { newDeviceToken, parseDeviceTokens, writeDeviceTokens } from './device-token';
import { DevicesRepository } from './devices.repository';
import { maskedAddress } from './masked-address';
import type { CompletedSignIn } from './trusted-device';

/**
 * Knows devices again from which somebody has signed in before. A device is no credential: it skips nothing and opens
 * nothing. Attempts from it are counted apart, so that others cannot shut its owner out, and its owner is told of sign-ins
 * from any other.
 */
@Injectable()
export class TrustedDevices {
  constructor(
    private readonly devices: DevicesRepository,
    private readonly notices: OwnerNotices,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The id of the device, when a browser presents one of the account with this address. Looks for what was presented and not
   * for the account, so that it takes no longer where there is one.
   */
  async recognise(presented: string | undefined, email: EmailAddress): Promise<string | undefined> {
    const tokens = parseDeviceTokens(presented);
    if (tokens.length === 0) return undefined;
    return this.devices.ofAddress(email, tokens, this.clock());
  }

  /**
   * Knows the device of a completed sign-in from now on, by a token that nobody has had before: one that a browser brought
   * along may have been planted there. Has the owner told of a device that was not known. In the transaction that opens the session.
   *
   * @returns what the browser is to present from now on: this token, and those of other accounts that it presented
   */
  async welcome(transaction: AuthConnection, signIn: CompletedSignIn): Promise<string> {
    const { accountId, origin, now } = signIn;
    const presented = parseDeviceTokens(origin.deviceTokens);
    const found = await this.devices.find(transaction, presented, now);
    const own = found.find((each) => each.accountId === accountId);
    const token = newDeviceToken();
    const isKnown = own && (await this.devices.renew(transaction, own, token, signIn));
    if (isKnown !== true) {
      await this.devices.add(transaction, token, signIn);
      if (origin.isExpected !== true) await this.tellOwner(transaction, signIn);
    }
    const others = found.filter((each) => each.accountId !== accountId);
    return writeDeviceTokens([token, ...others.map((each) => each.token)]);
  }

  private async tellOwner(
    transaction: AuthConnection,
    { accountId, origin, now }: CompletedSignIn,
  ): Promise<void> {
    await this.notices.send(transaction, accountId, {
      kind: 'new_sign_in',
      now,
      details: {
        device: deviceWords(origin.userAgent),
        from: maskedAddress(origin.clientAddress),
      },
    });
  }
}
