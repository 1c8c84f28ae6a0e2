import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { KnownCredentials } from './known-credentials';
import { RateLimitGuard } from './rate-limit.guard';
import { RateLimitRefusals } from './rate-limit.refusals';
import { RateLimits } from './rate-limits';
import { RefusedCredentials } from './refused-credentials';

/** Limits every request by identity. Import it after authentication and before access control. */
@Global()
@Module({})
export class RateLimitsModule {
  static over(limits: RateLimits, known: KnownCredentials): DynamicModule {
    return {
      module: RateLimitsModule,
      providers: [
        { provide: RateLimits, useValue: limits },
        { provide: KnownCredentials, useValue: known },
        RateLimitRefusals,
        RefusedCredentials,
        { provide: APP_GUARD, useClass: RateLimitGuard },
      ],
      exports: [KnownCredentials, RefusedCredentials],
    };
  }
}
