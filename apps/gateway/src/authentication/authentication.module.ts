import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { KeyBoundTokens } from '../dpop/key-bound-tokens';
import { ListenerGuard } from '../partners/listener.guard';
import { PartnerAccessGuard } from '../partners/partner-access.guard';
import { AccessTokenStrategy } from './access-token.strategy';
import { AuthenticationGuard } from './authentication.guard';

/** Authenticates every request that is not for a public handler. Import it before what decides by the principal. */
@Module({
  providers: [
    KeyBoundTokens,
    AccessTokenStrategy,
    { provide: APP_GUARD, useClass: ListenerGuard },
    { provide: APP_GUARD, useClass: AuthenticationGuard },
    { provide: APP_GUARD, useClass: PartnerAccessGuard },
  ],
})
export class AuthenticationModule {}
