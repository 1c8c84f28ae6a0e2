import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ZeroTrustModule } from '@sallyport/nest-zero-trust';
import { AUTHENTICATION_CLASSES, FIRST_PARTY_CLIENT_ID } from '@sallyport/principal';
import { DPOP_ALGORITHMS } from '@sallyport/tokens';
import { AccountsController } from './admin/accounts.controller';
import { SecurityEventsController } from './admin/security-events.controller';
import { OauthClientsController } from './admin/oauth-clients.controller';
import { SigningKeysController } from './admin/signing-keys.controller';
import { ApiKeysController } from './api-keys/api-keys.controller';
import { REALM } from './app.tokens';
import { AccountController } from './auth/account.controller';
import { ConsentsController } from './auth/consents.controller';
import { PasswordController } from './auth/password.controller';
import { PasswordResetController } from './auth/password-reset.controller';
import { RegistrationConfirmationController } from './auth/registration-confirmation.controller';
import { SessionListController } from './auth/session-list.controller';
import { SessionsController } from './auth/sessions.controller';
import { StepUpController } from './auth/step-up.controller';
import { TokenRevocationController } from './auth/token-revocation.controller';
import { AuthenticationModule } from './authentication/authentication.module';
import { DocsModule } from './docs/docs.module';
import type { GatewayPorts } from './gateway.ports';
import { InvoicesController } from './invoices/invoices.controller';
import { clientAddressOfRequest } from './listener/client-address';
import { MfaController } from './mfa/mfa.controller';
import { MfaLoginController } from './mfa/mfa-login.controller';
import { AuthorizationServerController } from './oauth/authorization-server.controller';
import { AuthorizationServerForwarding } from './oauth/authorization-server.forwarding';
import { OrdersController } from './orders/orders.controller';
import { PartnerTokensController } from './partners/partner-tokens.controller';
import { PortsModule } from './ports.module';
import { ProblemsModule } from './problems/problems.module';
import { ProductsController } from './products/products.controller';
import { RateLimitsModule } from './rate-limits/rate-limits.module';
import { UnknownQueryGuard } from './validation/unknown-query.guard';
import { ValidationPipe } from './validation/validation.pipe';
import { WellKnownController } from './well-known/well-known.controller';

/** The gateway: authentication, then rate limits, then access control, then the handlers, over its ports. */
@Module({})
export class AppModule {
  static over(ports: GatewayPorts): DynamicModule {
    const { events, calls, logger } = ports;
    return {
      module: AppModule,
      imports: [
        PortsModule.over(ports),
        AuthenticationModule,
        RateLimitsModule.over(ports.rateLimits, ports.knownCredentials),
        ZeroTrustModule.forHttp({
          events,
          calls,
          logger,
          realm: REALM,
          ownClientId: FIRST_PARTY_CLIENT_ID,
          dpopAlgorithms: DPOP_ALGORITHMS,
          authenticationClasses: AUTHENTICATION_CLASSES,
          clock: ports.clock,
          clientAddressOf: clientAddressOfRequest,
        }),
        DocsModule,
        ProblemsModule.over({ logger, events }),
      ],
      controllers: [
        SessionsController,
        SessionListController,
        ConsentsController,
        PasswordController,
        PasswordResetController,
        RegistrationConfirmationController,
        AccountController,
        StepUpController,
        MfaLoginController,
        MfaController,
        TokenRevocationController,
        SigningKeysController,
        AccountsController,
        ApiKeysController,
        SecurityEventsController,
        OauthClientsController,
        ProductsController,
        OrdersController,
        InvoicesController,
        WellKnownController,
        PartnerTokensController,
        AuthorizationServerController,
      ],
      providers: [
        AuthorizationServerForwarding,
        { provide: APP_GUARD, useClass: UnknownQueryGuard },
        { provide: APP_PIPE, useClass: ValidationPipe },
      ],
    };
  }
}
