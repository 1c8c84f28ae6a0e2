import type { apiKeysV1, authV1, billingV1, ordersV1, RpcClient } from '@sallyport/contracts';

export const AUTH_CLIENT = Symbol('AuthClient');
export type AuthClient = RpcClient<authV1.AuthServiceDefinition>;

/** Of the part of auth-service that is for operators. */
export const OPERATOR_CLIENT = Symbol('OperatorClient');
export type OperatorClient = RpcClient<authV1.OperatorServiceDefinition>;

export const ORDERS_CLIENT = Symbol('OrdersClient');
export type OrdersClient = RpcClient<ordersV1.OrdersServiceDefinition>;

export const BILLING_CLIENT = Symbol('BillingClient');
export type BillingClient = RpcClient<billingV1.BillingServiceDefinition>;

/** Of the part of auth-service that keeps API keys. */
export const API_KEYS_CLIENT = Symbol('ApiKeysClient');
export type ApiKeysClient = RpcClient<apiKeysV1.ApiKeyServiceDefinition>;
