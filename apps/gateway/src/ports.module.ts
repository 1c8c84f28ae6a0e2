import { Global, Module, type DynamicModule, type Provider } from '@nestjs/common';
import {
  accountSecurityV1,
  apiKeysV1,
  auditV1,
  authV1,
  billingV1,
  clientsV1,
  createRpcClient,
  mfaV1,
  ordersV1,
  partnersV1,
  passkeysV1,
  smsV1,
} from '@sallyport/contracts';
import { ownSecurityEvents } from './admin/own-security-events';
import {
  ALLOWED_ORIGINS,
  CLOCK,
  ISSUER_KEYS,
  OWN_EVENTS,
  PUBLIC_ORIGIN,
  SECURITY_EVENTS,
} from './app.tokens';
import { ACCESS_TOKEN_VERIFIER } from './authentication/access-token-verifier.token';
import { AUTHENTICATORS } from './authentication/authenticator';
import { PROOF_MEMORY } from './dpop/proof-memory';
import type { GatewayPorts } from './gateway.ports';
import { AUTHORIZATION_SERVER } from './oauth/authorization-server';
import { TRANSACTION_TOKENS, Upstream } from './upstream/upstream';
import {
  ACCOUNT_SECURITY_CLIENT,
  API_KEYS_CLIENT,
  AUDIT_CLIENTS,
  type AuditClients,
  AUTH_CLIENT,
  BILLING_CLIENT,
  MFA_CLIENT,
  SMS_CLIENT,
  OAUTH_CLIENT_CLIENT,
  OPERATOR_CLIENT,
  ORDERS_CLIENT,
  PARTNERS_CLIENT,
  PASSKEY_CLIENT,
} from './upstream/upstream-clients';

/** Binds the ports of the gateway for all its modules. */
@Global()
@Module({})
export class PortsModule {
  static over(ports: GatewayPorts): DynamicModule {
    const { transports } = ports;
    const { AuditServiceDefinition } = auditV1;
    const auditClients: AuditClients = {
      gateway: ownSecurityEvents(ports.securityEvents),
      'auth-service': createRpcClient(AuditServiceDefinition, transports.auth),
      'orders-service': createRpcClient(AuditServiceDefinition, transports.orders),
      'billing-service': createRpcClient(AuditServiceDefinition, transports.billing),
    };
    const bound: Provider[] = [
      { provide: SECURITY_EVENTS, useValue: ports.events },
      { provide: OWN_EVENTS, useValue: ports.ownEvents },
      { provide: AUDIT_CLIENTS, useValue: auditClients },
      { provide: CLOCK, useValue: ports.clock },
      { provide: PUBLIC_ORIGIN, useValue: new URL(ports.publicUrl).origin },
      { provide: ALLOWED_ORIGINS, useValue: ports.allowedOrigins ?? new Set<string>() },
      { provide: ACCESS_TOKEN_VERIFIER, useValue: ports.accessTokens },
      { provide: PROOF_MEMORY, useValue: ports.proofMemory },
      { provide: AUTHENTICATORS, useValue: ports.authenticators },
      { provide: AUTHORIZATION_SERVER, useValue: ports.authorizationServer },
      { provide: ISSUER_KEYS, useValue: ports.issuerKeys },
      { provide: TRANSACTION_TOKENS, useValue: ports.transactionTokens },
      {
        provide: AUTH_CLIENT,
        useValue: createRpcClient(authV1.AuthServiceDefinition, transports.auth),
      },
      {
        provide: SMS_CLIENT,
        useValue: createRpcClient(smsV1.SmsServiceDefinition, transports.auth),
      },
      {
        provide: MFA_CLIENT,
        useValue: createRpcClient(mfaV1.MfaServiceDefinition, transports.auth),
      },
      {
        provide: PASSKEY_CLIENT,
        useValue: createRpcClient(passkeysV1.PasskeyServiceDefinition, transports.auth),
      },
      {
        provide: ACCOUNT_SECURITY_CLIENT,
        useValue: createRpcClient(
          accountSecurityV1.AccountSecurityServiceDefinition,
          transports.auth,
        ),
      },
      {
        provide: OPERATOR_CLIENT,
        useValue: createRpcClient(authV1.OperatorServiceDefinition, transports.auth),
      },
      {
        provide: API_KEYS_CLIENT,
        useValue: createRpcClient(apiKeysV1.ApiKeyServiceDefinition, transports.auth),
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
      {
        provide: PARTNERS_CLIENT,
        useValue: createRpcClient(partnersV1.PartnerServiceDefinition, transports.auth),
      },
      Upstream,
    ];
    return { module: PortsModule, providers: bound, exports: bound };
  }
}
