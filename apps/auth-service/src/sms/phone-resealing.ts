import { Inject, Injectable } from '@nestjs/common';
import { KEY_ENCRYPTION } from '../signing-keys/key-encryption';
import type { KeyEncryption } from '../signing-keys/key-encryption';
import { PhoneFactorsRepository } from './phone-factors.repository';
import { openPhoneNumber, sealPhoneNumber } from './sealed-phone-number';

/** Seals phone numbers again, after the key-encryption key was replaced. */
@Injectable()
export class PhoneResealing {
  constructor(
    private readonly factors: PhoneFactorsRepository,
    @Inject(KEY_ENCRYPTION) private readonly encryption: KeyEncryption,
  ) {}

  /** Says how many it sealed. Rejects with SealBroken when one cannot be opened. */
  async reseal(): Promise<number> {
    const currentKeyId = await this.encryption.currentKeyId();
    let resealed = 0;
    for (const factor of await this.factors.listSealedUnderOtherThan(currentKeyId)) {
      const number = await openPhoneNumber(factor, this.encryption);
      const sealed = await sealPhoneNumber(number, factor, this.encryption);
      if (await this.factors.replaceSeal(factor, sealed)) resealed += 1;
    }
    return resealed;
  }
}
