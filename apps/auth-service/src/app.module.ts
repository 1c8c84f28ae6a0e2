import { Module, type DynamicModule } from '@nestjs/common';
import { ZeroTrustModule, type ServiceTrust } from '@sallyport/nest-zero-trust';
import { AccessTokenSigner } from '@sallyport/tokens';
import { AccountsModule } from './accounts/accounts.module';
import type { AuthPorts } from './app.ports';
import { CLOCK, DATABASE, LOGGER, SECURITY_EVENTS } from './app.tokens';
import { PASSWORD_HASHING } from './passwords/password-hashing';
import { SessionsModule } from './sessions/sessions.module';
import { KEY_ENCRYPTION } from './signing-keys/key-encryption';
import { SigningKeysModule } from './signing-keys/signing-keys.module';
import { ATTEMPT_THROTTLE } from './throttling/attempt-throttle';

/** auth-service: its handlers under access control, over its ports. */
@Module({})
export class AppModule {
  static over(trust: ServiceTrust, ports: AuthPorts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ZeroTrustModule.forGrpc(trust),
        PortsModule.of(trust, ports),
        AccountsModule,
        SessionsModule,
        SigningKeysModule,
      ],
    };
  }
}

/** Binds the ports for all modules. */
@Module({})
class PortsModule {
  static of({ logger, clock }: ServiceTrust, ports: AuthPorts): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: CLOCK, useValue: clock },
      { provide: SECURITY_EVENTS, useValue: ports.events },
      { provide: DATABASE, useValue: ports.database },
      { provide: PASSWORD_HASHING, useValue: ports.passwords },
      { provide: KEY_ENCRYPTION, useValue: ports.keyEncryption },
      { provide: ATTEMPT_THROTTLE, useValue: ports.throttle },
      { provide: AccessTokenSigner, useValue: ports.signer },
    ];
    return { module: PortsModule, global: true, providers, exports: providers };
  }
}
