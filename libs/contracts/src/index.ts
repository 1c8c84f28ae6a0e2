export * as accountSecurityV1 from './generated/sallyport/accountsecurity/v1/account_security';
export * as apiKeysV1 from './generated/sallyport/apikeys/v1/apikeys';
export * as auditV1 from './generated/sallyport/audit/v1/audit';
export * as authV1 from './generated/sallyport/auth/v1/auth';
export * as billingV1 from './generated/sallyport/billing/v1/billing';
export * as clientsV1 from './generated/sallyport/clients/v1/clients';
export * as mfaV1 from './generated/sallyport/mfa/v1/mfa';
export * as moneyV1 from './generated/sallyport/money/v1/money';
export * as ordersV1 from './generated/sallyport/orders/v1/orders';
export * as passkeysV1 from './generated/sallyport/passkeys/v1/passkeys';
export * as partnersV1 from './generated/sallyport/partners/v1/partners';
export * as smsV1 from './generated/sallyport/mfa/v1/sms';
export * as spiffeWorkload from './generated/spiffe/workload/workload_api';
export {
  createRpcClient,
  RPC_STATUS,
  RpcError,
  type CallOptions,
  type ErasedMethod,
  type MessageCodec,
  type RpcClient,
  type RpcStatus,
  type RpcTransport,
  type ServiceDefinition,
  type UnaryMethod,
} from './rpc';
