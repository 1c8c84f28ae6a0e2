import { createHmac } from 'node:crypto';
import type { Logger } from '@sallyport/observability';
import type { KeyRing } from '../signing-keys/key-ring';
import type { Password } from './password';
import type { PasswordHashing } from './password-hashing';

/** What stands before the PHC string of a peppered hash: which pepper it was. */
const MARK = /^hmac-sha256:([0-9a-f]{16})(\$.*)$/;

/**
 * Applies a secret that no database holds before the slow function: HMAC-SHA-256 of the password, so that who has the stored
 * hashes alone cannot try passwords on them (SP 800-63B-4 section 3.1.1.2). The first pepper is for new hashes, every one
 * verifies; without any, and for hashes of before, the password is hashed as it is.
 */
export class PepperedPasswordHashing implements PasswordHashing {
  readonly unmatchable: string;

  constructor(
    private readonly slow: PasswordHashing,
    private readonly peppers: KeyRing | undefined,
    private readonly logger: Logger,
  ) {
    this.unmatchable = this.marked(slow.unmatchable);
  }

  async hash(password: Password): Promise<string> {
    const pepper = this.peppers?.first;
    const input = pepper === undefined ? password : peppered(password, pepper.key);
    return this.marked(await this.slow.hash(input));
  }

  /**
   * False also when the pepper of the hash is not at hand: the same answer after the same work as for any wrong password, and
   * a line in the log.
   */
  async verify(password: Password, stored: string): Promise<boolean> {
    const { pepperId, phc } = parsed(stored);
    if (pepperId === undefined) return this.slow.verify(password, phc);
    const pepper = this.peppers?.find(pepperId);
    if (pepper !== undefined) return this.slow.verify(peppered(password, pepper.key), phc);
    this.logger.error({ event: 'password_pepper_missing', pepperId });
    await this.slow.verify(password, this.slow.unmatchable);
    return false;
  }

  isCurrent(stored: string): boolean {
    const { pepperId, phc } = parsed(stored);
    return pepperId === this.peppers?.first.id && this.slow.isCurrent(phc);
  }

  private marked(phc: string): string {
    return this.peppers === undefined ? phc : `hmac-sha256:${this.peppers.first.id}${phc}`;
  }
}

function parsed(stored: string): { readonly pepperId: string | undefined; readonly phc: string } {
  const [, pepperId, phc] = MARK.exec(stored) ?? [];
  return { pepperId, phc: phc ?? stored };
}

/** In base64, since the slow function takes text. */
function peppered(password: Password, pepper: Buffer): Password {
  return createHmac('sha256', pepper).update(password).digest('base64') as Password;
}
