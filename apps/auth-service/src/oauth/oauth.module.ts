import { Module } from '@nestjs/common';
import { AccountSecurityModule } from '../account-security/account-security.module';
import { repeated } from '@sallyport/nest-zero-trust';
import { AccountsModule } from '../accounts/accounts.module';
import { LOGGER } from '../app.tokens';
import { MfaModule } from '../mfa/mfa.module';
import { PasskeysModule } from '../passkeys/passkeys.module';
import { PartnersModule } from '../partners/partners.module';
import { RevocationsModule } from '../revocations/revocations.module';
import { SessionsModule } from '../sessions/sessions.module';
import { SigningKeysModule } from '../signing-keys/signing-keys.module';
import { SmsModule } from '../sms/sms.module';
import { AccountPageController } from './account/account-page.controller';
import { AccountPageService } from './account/account-page.service';
import { PasskeysPageController } from './account/passkeys-page.controller';
import { PasskeysPageService } from './account/passkeys-page.service';
import { HeldSessionsRepository } from './account/held-sessions.repository';
import { ShownSecurity } from './account/shown-security';
import { SignedInBrowsers } from './account/signed-in-browsers';
import { ArtifactPruning } from './artifact-pruning';
import { ArtifactsRepository } from './artifacts.repository';
import { AuthorizationServer } from './authorization-server';
import { AuthorizationServerParts } from './authorization-server-parts';
import { BrowserSignIns } from './browser-sign-ins';
import { buildAuthorizationServer } from './build-authorization-server';
import { ClientCertificates } from './client-certificates';
import { ClientDisablingService } from './clients/client-disabling.service';
import { ClientRecordsRepository } from './clients/client-records.repository';
import { ClientSeeding } from './clients/client-seeding';
import { ClientValidation } from './clients/client-validation';
import { ClientsController } from './clients/clients.controller';
import { ClientsRepository } from './clients/clients.repository';
import { ClientsService } from './clients/clients.service';
import { CodeStep } from './code-step';
import { ConsentsController } from './consents/consents.controller';
import { ConsentsRepository } from './consents/consents.repository';
import { ConsentsService } from './consents/consents.service';
import { DiscoveryController } from './discovery.controller';
import { DpopNonces } from './dpop-nonces';
import { GrantsService } from './grants.service';
import { InteractionPages } from './interaction-pages';
import { IntrospectionService } from './introspection/introspection.service';
import { TokenStandingRepository } from './introspection/token-standing.repository';
import { ClientSignInsRepository } from './logout-notices/client-sign-ins.repository';
import { LogoutDelivery } from './logout-notices/logout-delivery';
import { LogoutNoticesRepository } from './logout-notices/logout-notices.repository';
import { LOGOUT_TOKENS, logoutTokensOf } from './logout-notices/logout-tokens';
import { InteractionsService } from './interactions.service';
import { OauthController } from './oauth.controller';
import { OauthSessionsRepository } from './oauth-sessions.repository';
import { PasskeyStep } from './passkey-step';
import { SignInPages } from './sign-in-pages';

/** The authorization server: OAuth 2.x and OpenID Connect. */
@Module({
  imports: [
    AccountsModule,
    AccountSecurityModule,
    MfaModule,
    SmsModule,
    SessionsModule,
    SigningKeysModule,
    RevocationsModule,
    PartnersModule,
    PasskeysModule,
  ],
  controllers: [
    DiscoveryController,
    OauthController,
    AccountPageController,
    PasskeysPageController,
    ConsentsController,
    ClientsController,
  ],
  providers: [
    ArtifactsRepository,
    ...repeated(ArtifactPruning, LOGGER),
    DpopNonces,
    ClientsRepository,
    OauthSessionsRepository,
    BrowserSignIns,
    GrantsService,
    CodeStep,
    PasskeyStep,
    SignInPages,
    ConsentsRepository,
    ConsentsService,
    ClientSignInsRepository,
    TokenStandingRepository,
    IntrospectionService,
    LogoutNoticesRepository,
    ...repeated(LogoutDelivery, LOGGER),
    {
      provide: LOGOUT_TOKENS,
      inject: [AuthorizationServer],
      useFactory: logoutTokensOf,
    },
    InteractionsService,
    InteractionPages,
    SignedInBrowsers,
    HeldSessionsRepository,
    ShownSecurity,
    AccountPageService,
    PasskeysPageService,
    ClientRecordsRepository,
    ClientValidation,
    ClientsService,
    ClientDisablingService,
    ClientSeeding,
    ClientCertificates,
    AuthorizationServerParts,
    {
      provide: AuthorizationServer,
      inject: [AuthorizationServerParts],
      useFactory: buildAuthorizationServer,
    },
  ],
  exports: [ArtifactsRepository, ClientsRepository, ClientsService, ClientDisablingService],
})
export class OauthModule {}
