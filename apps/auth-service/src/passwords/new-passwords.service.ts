import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import { BREACHED_PASSWORDS } from './breached-passwords';
import type { BreachedPasswords } from './breached-passwords';
import { parseNewPassword } from './new-password';
import type { PasswordOwner } from './new-password';
import type { Password } from './password';

/** Decides which passwords may be chosen, for registration, change and reset alike. */
@Injectable()
export class NewPasswords {
  constructor(@Inject(BREACHED_PASSWORDS) private readonly breached: BreachedPasswords) {}

  /**
   * Takes a password by what is known here.
   *
   * @throws ServiceError as {@link parseNewPassword} does.
   */
  parse(chosen: string, owner: PasswordOwner): Password {
    return parseNewPassword(chosen, owner);
  }

  /**
   * Asks whether a password is known from a breach, which may take a while: after the attempt was counted.
   *
   * @throws ServiceError INVALID_ARGUMENT `password_breached`.
   */
  async requireUnbreached(password: Password): Promise<void> {
    if (await this.breached.includes(password)) {
      throw new ServiceError('INVALID_ARGUMENT', 'password_breached');
    }
  }
}
