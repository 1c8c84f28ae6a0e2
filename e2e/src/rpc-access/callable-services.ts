import {
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
  smsV1,
} from '@sallyport/contracts';
import type { ServiceDefinition } from '@sallyport/contracts';
import type { GrpcServiceName } from '../cluster-facts';
import { unknownRpc } from '../rpc';
import type { Rpc } from '../rpc';
import type { Access } from './access';
import { ACCOUNT_SECURITY_ACCESS } from './account-security.access';
import { API_KEYS_ACCESS } from './api-keys.access';
import { AUDIT_ACCESS } from './audit.access';
import { AUTH_ACCESS } from './auth.access';
import { BILLING_ACCESS } from './billing.access';
import { MFA_ACCESS } from './mfa.access';
import { OAUTH_CLIENTS_ACCESS } from './oauth-clients.access';
import { OPERATOR_ACCESS } from './operator.access';
import { ORDERS_ACCESS } from './orders.access';
import { PARTNERS_ACCESS } from './partners.access';
import { PASSKEYS_ACCESS } from './passkeys.access';
import { SMS_ACCESS } from './sms.access';

/** One rpc: where it is served, and how it is called by whom. */
export interface CallableRpc {
  /** Without package and service. */
  readonly name: string;
  readonly rpc: Rpc<Uint8Array, Uint8Array>;
  readonly access: Access;
}

/** All rpcs of one gRPC service. */
export interface CallableService {
  readonly fullName: string;
  /** The process that serves it. */
  readonly service: GrpcServiceName;
  readonly rpcs: readonly CallableRpc[];
}

/** Every rpc of every gRPC service of the cluster. */
export const CALLABLE_SERVICES: readonly CallableService[] = [
  callable('auth-service', authV1.AuthServiceDefinition, AUTH_ACCESS),
  callable('auth-service', authV1.OperatorServiceDefinition, OPERATOR_ACCESS),
  callable('auth-service', mfaV1.MfaServiceDefinition, MFA_ACCESS),
  callable('auth-service', smsV1.SmsServiceDefinition, SMS_ACCESS),
  callable(
    'auth-service',
    accountSecurityV1.AccountSecurityServiceDefinition,
    ACCOUNT_SECURITY_ACCESS,
  ),
  callable('auth-service', apiKeysV1.ApiKeyServiceDefinition, API_KEYS_ACCESS),
  callable('auth-service', partnersV1.PartnerServiceDefinition, PARTNERS_ACCESS),
  callable('auth-service', passkeysV1.PasskeyServiceDefinition, PASSKEYS_ACCESS),
  callable('auth-service', clientsV1.OauthClientServiceDefinition, OAUTH_CLIENTS_ACCESS),
  callable('orders-service', ordersV1.OrdersServiceDefinition, ORDERS_ACCESS),
  callable('billing-service', billingV1.BillingServiceDefinition, BILLING_ACCESS),
  callable('auth-service', auditV1.AuditServiceDefinition, AUDIT_ACCESS),
  callable('orders-service', auditV1.AuditServiceDefinition, AUDIT_ACCESS),
  callable('billing-service', auditV1.AuditServiceDefinition, AUDIT_ACCESS),
];

function callable(
  service: GrpcServiceName,
  { fullName, methods }: ServiceDefinition,
  accesses: Readonly<Record<string, Access | undefined>>,
): CallableService {
  const rpcs = Object.entries(methods).map(([key, { name }]) => {
    const access = accesses[key];
    // The compiler says so too, but Jest does not ask it.
    if (access === undefined) throw new Error(`nobody says who may call ${name}`);
    return { name, rpc: unknownRpc(`${fullName}/${name}`), access };
  });
  return { fullName, service, rpcs };
}
