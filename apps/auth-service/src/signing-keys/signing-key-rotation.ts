import { Injectable } from '@nestjs/common';
import type { RepeatedJob } from '@sallyport/nest-zero-trust';
import { SigningKeysService } from './signing-keys.service';

const INTERVAL_MS = 30 * 1000;

/** Replaces signing keys on schedule. Any number of replicas may run it; they agree on who does what. */
@Injectable()
export class SigningKeyRotation implements RepeatedJob {
  readonly name = 'signing_key_rotation';

  constructor(private readonly keys: SigningKeysService) {}

  pauseMs(): number {
    return INTERVAL_MS;
  }

  async run(): Promise<void> {
    await this.keys.rotate();
  }
}
