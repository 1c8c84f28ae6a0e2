import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/accounts.module';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CLIENT_ADDRESSES, CLOCK, LOGGER, TOKEN_PROFILE } from '../app.tokens';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import { AccountPageController } from './account/account-page.controller';
import { AccountPageService } from './account/account-page.service';
import { HeldSessionsRepository } from './account/held-sessions.repository';
import { SignedInBrowsers } from './account/signed-in-browsers';
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
import { ConsentsController } from './consents/consents.controller';
import { ConsentsRepository } from './consents/consents.repository';
import { ConsentsService } from './consents/consents.service';
import { DiscoveryController } from './discovery.controller';
import { GrantsService } from './grants.service';
import { InteractionPages } from './interaction-pages';
import { InteractionsService } from './interactions.service';
import { OauthController } from './oauth.controller';
import { OauthSessionsRepository } from './oauth-sessions.repository';

/** The authorization server: OAuth 2.x and OpenID Connect. */
@Module({
  imports: [AccountsModule, SessionsModule, SigningKeysModule, RevocationsModule],
  controllers: [
    DiscoveryController,
    OauthController,
    AccountPageController,
    ConsentsController,
    ClientsController,
  ],
  providers: [
    ArtifactsRepository,
    ArtifactPruning,
    ClientsRepository,
    OauthSessionsRepository,
    GrantsService,
    ConsentsRepository,
    ConsentsService,
    InteractionsService,
    InteractionPages,
    SignedInBrowsers,
    HeldSessionsRepository,
    AccountPageService,
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
        ConsentsRepository,
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
