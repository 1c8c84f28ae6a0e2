import type {
  accountSecurityV1,
  apiKeysV1,
  auditV1,
  authV1,
  billingV1,
  clientsV1,
  mfaV1,
  ordersV1,
  partnersV1,
  passkeysV1,
  RpcClient,
  smsV1,
} from '@sallyport/contracts';

export const AUTH_CLIENT = Symbol('AuthClient');
export type AuthClient = RpcClient<authV1.AuthServiceDefinition>;

/** Of the part of auth-service that knows the second factors. */
export const MFA_CLIENT = Symbol('MfaClient');
export type MfaClient = RpcClient<mfaV1.MfaServiceDefinition>;

/** Of the part of auth-service that knows the passkeys. */
export const PASSKEY_CLIENT = Symbol('PasskeyClient');
export type PasskeyClient = RpcClient<passkeysV1.PasskeyServiceDefinition>;
/** Of the part of auth-service that sends codes by text message. */
export const SMS_CLIENT = Symbol('SmsClient');
export type SmsClient = RpcClient<smsV1.SmsServiceDefinition>;
/** Of the part of auth-service that tells people about the security of their account. */
export const ACCOUNT_SECURITY_CLIENT = Symbol('AccountSecurityClient');
export type AccountSecurityClient = RpcClient<accountSecurityV1.AccountSecurityServiceDefinition>;

/** Of the part of auth-service that is for operators. */
export const OPERATOR_CLIENT = Symbol('OperatorClient');
export type OperatorClient = RpcClient<authV1.OperatorServiceDefinition>;

/** Of the part of auth-service that keeps the OAuth clients. */
export const OAUTH_CLIENT_CLIENT = Symbol('OauthClientClient');
export type OauthClientClient = RpcClient<clientsV1.OauthClientServiceDefinition>;

export const ORDERS_CLIENT = Symbol('OrdersClient');
export type OrdersClient = RpcClient<ordersV1.OrdersServiceDefinition>;

export const BILLING_CLIENT = Symbol('BillingClient');
export type BillingClient = RpcClient<billingV1.BillingServiceDefinition>;

/** Of the part of auth-service that keeps API keys. */
export const API_KEYS_CLIENT = Symbol('ApiKeysClient');
export type ApiKeysClient = RpcClient<apiKeysV1.ApiKeyServiceDefinition>;

/** Of the part of auth-service that knows partners by their certificates. */
export const PARTNERS_CLIENT = Symbol('PartnersClient');
export type PartnersClient = RpcClient<partnersV1.PartnerServiceDefinition>;

/** Of the security events of each service, the gateway's own among them. */
export const AUDIT_CLIENTS = Symbol('AuditClients');
export type AuditClient = RpcClient<auditV1.AuditServiceDefinition>;
export type AuditClients = Readonly<
  Record<'gateway' | 'auth-service' | 'orders-service' | 'billing-service', AuditClient>
>;
