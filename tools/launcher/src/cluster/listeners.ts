/** The services of the cluster, in the order in which they are built on one another. */
export const SERVICE_NAMES = [
  'auth-service',
  'billing-service',
  'orders-service',
  'gateway',
] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** One address a service listens on. */
export interface Listener {
  readonly service: ServiceName;
  /** What the address is for, as an error line names it. */
  readonly purpose: string;
  readonly standardPort: number;
  /** The environment variable of `npm start` that moves it. */
  readonly variable: `SALLYPORT_${string}_PORT`;
}

/** Every address of the local cluster. All are on the loopback interface. */
export const LISTENERS = {
  gateway: {
    service: 'gateway',
    purpose: 'HTTPS',
    standardPort: 8443,
    variable: 'SALLYPORT_GATEWAY_PORT',
  },
  gatewayPartners: {
    service: 'gateway',
    purpose: 'HTTPS of partners',
    standardPort: 8444,
    variable: 'SALLYPORT_GATEWAY_PARTNERS_PORT',
  },
  gatewayPlain: {
    service: 'gateway',
    purpose: 'plain HTTP, which it refuses',
    standardPort: 8480,
    variable: 'SALLYPORT_GATEWAY_PLAIN_PORT',
  },
  gatewayOps: {
    service: 'gateway',
    purpose: 'operations',
    standardPort: 9101,
    variable: 'SALLYPORT_GATEWAY_OPS_PORT',
  },
  auth: {
    service: 'auth-service',
    purpose: 'gRPC',
    standardPort: 50051,
    variable: 'SALLYPORT_AUTH_PORT',
  },
  authHttps: {
    service: 'auth-service',
    purpose: 'HTTPS',
    standardPort: 8451,
    variable: 'SALLYPORT_AUTH_HTTPS_PORT',
  },
  authOps: {
    service: 'auth-service',
    purpose: 'operations',
    standardPort: 9102,
    variable: 'SALLYPORT_AUTH_OPS_PORT',
  },
  orders: {
    service: 'orders-service',
    purpose: 'gRPC',
    standardPort: 50052,
    variable: 'SALLYPORT_ORDERS_PORT',
  },
  ordersOps: {
    service: 'orders-service',
    purpose: 'operations',
    standardPort: 9103,
    variable: 'SALLYPORT_ORDERS_OPS_PORT',
  },
  billing: {
    service: 'billing-service',
    purpose: 'gRPC',
    standardPort: 50053,
    variable: 'SALLYPORT_BILLING_PORT',
  },
  billingOps: {
    service: 'billing-service',
    purpose: 'operations',
    standardPort: 9104,
    variable: 'SALLYPORT_BILLING_OPS_PORT',
  },
} as const satisfies Record<string, Listener>;

export type ListenerName = keyof typeof LISTENERS;

/** Where a service answers questions about its health. */
export const OPS_LISTENERS = {
  'auth-service': 'authOps',
  'billing-service': 'billingOps',
  'orders-service': 'ordersOps',
  gateway: 'gatewayOps',
} as const satisfies Record<ServiceName, ListenerName>;

/** Where a service is called by others. */
export const GRPC_LISTENERS = {
  'auth-service': 'auth',
  'billing-service': 'billing',
  'orders-service': 'orders',
} as const satisfies Partial<Record<ServiceName, ListenerName>>;

export type GrpcServiceName = keyof typeof GRPC_LISTENERS;

export const LISTENER_NAMES = Object.keys(LISTENERS) as readonly ListenerName[];

/** A port for every listener. */
export type Ports = Readonly<Record<ListenerName, number>>;

/** Builds a value for each service. */
export function byService<T>(build: (name: ServiceName) => T): Record<ServiceName, T> {
  const entries = SERVICE_NAMES.map((name) => [name, build(name)] as const);
  return Object.fromEntries(entries) as Record<ServiceName, T>;
}
