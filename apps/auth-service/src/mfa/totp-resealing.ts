import { Inject, Injectable } from '@nestjs/common';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { openTotpSecret, sealTotpSecret } from './sealed-totp-secret';
import { TotpFactorsRepository } from './totp-factors.repository';

/** Seals the secrets of TOTP again, after the key-encryption key was replaced. */
@Injectable()
export class TotpResealing {
  constructor(
    private readonly factors: TotpFactorsRepository,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /** Says how many it sealed. Rejects with SealBroken when one cannot be opened. */
  async reseal(): Promise<number> {
    const currentKeyId = await this.encryption.currentKeyId();
    let resealed = 0;
    for (const factor of await this.factors.listSealedUnderOtherThan(currentKeyId)) {
      const secret = await openTotpSecret(factor, this.encryption);
      const sealed = await sealTotpSecret(secret, factor, this.encryption);
      if (await this.factors.replaceSeal(factor, sealed)) resealed += 1;
    }
    return resealed;
  }
}
