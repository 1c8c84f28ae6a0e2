import type { authV1, billingV1, ordersV1, RpcClient } from '@sallyport/contracts';

export const AUTH_CLIENT = Symbol('AuthClient');
export type AuthClient = RpcClient<authV1.AuthServiceDefinition>;

export const ORDERS_CLIENT = Symbol('OrdersClient');
export type OrdersClient = RpcClient<ordersV1.OrdersServiceDefinition>;

export const BILLING_CLIENT = Symbol('BillingClient');
export type BillingClient = RpcClient<billingV1.BillingServiceDefinition>;
