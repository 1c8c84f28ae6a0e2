import type { authV1, billingV1, clientsV1, ordersV1, RpcClient } from '@sallyport/contracts';

export const AUTH_CLIENT = Symbol('AuthClient');
export type AuthClient = RpcClient<authV1.AuthServiceDefinition>;

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
