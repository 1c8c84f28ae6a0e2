import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { RepeatedPasses } from '@sallyport/nest-zero-trust';
import type { Logger } from '@sallyport/observability';
import { LOGGER } from '../app.tokens';
import { SigningKeysService } from './signing-keys.service';

const INTERVAL_MS = 30 * 1000;

/** Replaces signing keys on schedule. Any number of replicas may run it; they agree on who does what. */
@Injectable()
export class SigningKeyRotation implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly passes = new RepeatedPasses(
    () => this.run(),
    () => INTERVAL_MS,
  );

  constructor(
    private readonly keys: SigningKeysService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.passes.start();
  }

  onModuleDestroy(): Promise<void> {
    return this.passes.stop();
  }

  /** Does what is due. Never rejects: what is left is done the next time. */
  async run(): Promise<void> {
    try {
      await this.keys.rotate();
    } catch (error) {
      this.logger.warn({ event: 'signing_key_rotation_failed', error });
    }
  }
}
