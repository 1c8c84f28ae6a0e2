import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CLIENT_ADDRESSES, CLOCK, LOGGER, TOKEN_PROFILE } from '../app.tokens';
import { MfaModule } from '../mfa/mfa.module';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { ArtifactPruning } from './artifact-pruning';
import { ArtifactsRepository } from './artifacts.repository';
import { AuthorizationServer } from './authorization-server';
import { buildAuthorizationServer } from './build-authorization-server';
import { ClientDisablingService } from './clients/client-disabling.service';
import { ClientRecordsRepository } from './clients/client-records.repository';
import { ClientSeeding } from './clients/client-seeding';
import { ClientValidation } from './clients/client-validation';
import { ClientsController } from './clients/clients.controller';
import { ClientsRepository } from './clients/clients.repository';
import { ClientsService } from './clients/clients.service';
import { CodeStep } from './code-step';
import { DiscoveryController } from './discovery.controller';
import { GrantsService } from './grants.service';
import { InteractionsService } from './interactions.service';
import { OauthController } from './oauth.controller';
import { OauthSessionsRepository } from './oauth-sessions.repository';

/** The authorization server: OAuth 2.x and OpenID Connect. */
@Module({
  imports: [AccountsModule, MfaModule, SessionsModule, SigningKeysModule, RevocationsModule],
  controllers: [DiscoveryController, OauthController, ClientsController],
  providers: [
    ArtifactsRepository,
    ArtifactPruning,
    ClientsRepository,
    OauthSessionsRepository,
    GrantsService,
    CodeStep,
    InteractionsService,
    ClientRecordsRepository,
    ClientValidation,
    ClientsService,
    ClientDisablingService,
    ClientSeeding,
    {
      provide: AuthorizationServer,
      inject: [
        TOKEN_PROFILE,
        SigningKeysService,
        AccountsRepository,
        ArtifactsRepository,
        ClientsRepository,
        OauthSessionsRepository,
        GrantsService,
        CLIENT_ADDRESSES,
        CLOCK,
        LOGGER,
      ],
      useFactory: buildAuthorizationServer,
    },
  ],
  exports: [ClientsRepository, ClientsService, ClientDisablingService],
})
export class OauthModule {}
