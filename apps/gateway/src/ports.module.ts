import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import { authV1, billingV1, clientsV1, createRpcClient, ordersV1 } from '@sallyport/contracts';
import { ALLOWED_ORIGINS, CLOCK, ISSUER_KEYS, PUBLIC_ORIGIN, SECURITY_EVENTS } from './app.tokens';
import { ACCESS_TOKEN_VERIFIER } from './authentication/access-token.strategy';
import { AUTHENTICATORS } from './authentication/authenticator';
import type { GatewayPorts } from './gateway.ports';
import { AUTHORIZATION_SERVER } from './oauth/authorization-server';
import { TRANSACTION_TOKENS, Upstream } from './upstream/upstream';
import {
  AUTH_CLIENT,
  BILLING_CLIENT,
  OAUTH_CLIENT_CLIENT,
  OPERATOR_CLIENT,
  ORDERS_CLIENT,
} from './upstream/upstream-clients';

/** Binds the ports of the gateway for all its modules. */
@Global()
@Module({})
export class PortsModule {
  static over(ports: GatewayPorts): DynamicModule {
    const { transports } = ports;
    const bound: Provider[] = [
      { provide: SECURITY_EVENTS, useValue: ports.events },
      { provide: CLOCK, useValue: ports.clock },
      { provide: PUBLIC_ORIGIN, useValue: new URL(ports.publicUrl).origin },
      { provide: ALLOWED_ORIGINS, useValue: ports.allowedOrigins ?? new Set<string>() },
      { provide: ACCESS_TOKEN_VERIFIER, useValue: ports.accessTokens },
      { provide: AUTHENTICATORS, useValue: ports.authenticators },
      { provide: AUTHORIZATION_SERVER, useValue: ports.authorizationServer },
      { provide: ISSUER_KEYS, useValue: ports.issuerKeys },
      { provide: TRANSACTION_TOKENS, useValue: ports.transactionTokens },
      {
        provide: AUTH_CLIENT,
        useValue: createRpcClient(authV1.AuthServiceDefinition, transports.auth),
      },
      {
        provide: OPERATOR_CLIENT,
        useValue: createRpcClient(authV1.OperatorServiceDefinition, transports.auth),
      },
      {
        provide: OAUTH_CLIENT_CLIENT,
        useValue: createRpcClient(clientsV1.OauthClientServiceDefinition, transports.auth),
      },
      {
        provide: ORDERS_CLIENT,
        useValue: createRpcClient(ordersV1.OrdersServiceDefinition, transports.orders),
      },
      {
        provide: BILLING_CLIENT,
        useValue: createRpcClient(billingV1.BillingServiceDefinition, transports.billing),
      },
      Upstream,
    ];
    return { module: PortsModule, providers: bound, exports: bound };
  }
}
