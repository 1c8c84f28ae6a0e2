import type { RpcStatus, ServiceDefinition } from '@sallyport/contracts';
import type { ServiceName } from '../cluster-facts';
import type { Customer, PlacedOrder } from '../customers';
import { gatewayMetadataFor } from '../identity-metadata';

/** What there is, for a call done right. */
export interface World {
  readonly customer: Customer;
  readonly order: PlacedOrder;
  /** Somebody whose sessions and account nobody needs. */
  readonly leaver: Customer;
  /** Whose session ends with the change of a password. */
  readonly changer: Customer;
  readonly operator: Customer;
}

/** Who may call a method, and how it is called. */
export interface Access {
  readonly caller: ServiceName;
  readonly request: (world: World) => Uint8Array;
  readonly metadata?: (world: World) => Readonly<Record<string, string>>;
  /** Handlers that run beyond its own. */
  readonly beyond?: readonly string[];
  /** What the handler decides, where to be served would disturb others. */
  readonly decision?: {
    readonly status: RpcStatus;
    readonly reason: string;
    /** The reason of the security event, where the handler leaves one. */
    readonly recorded?: string;
  };
}

/** A row for every rpc of a service: one that is missing does not compile. */
export type AccessTable<D extends ServiceDefinition> = Readonly<Record<keyof D['methods'], Access>>;

export const byCustomer = ({ customer }: World): Readonly<Record<string, string>> =>
  gatewayMetadataFor(customer);

export const byChanger = ({ changer }: World): Readonly<Record<string, string>> =>
  gatewayMetadataFor(changer);
export const byLeaver = ({ leaver }: World): Readonly<Record<string, string>> =>
  gatewayMetadataFor(leaver);

export const byOperator = ({ operator }: World): Readonly<Record<string, string>> =>
  gatewayMetadataFor(operator, ['keys:manage', 'accounts:manage', 'clients:manage', 'audit:read']);

/** Limits of attempts count by it. */
export const byAnyone = (): Readonly<Record<string, string>> => ({
  'x-client-address': '127.0.0.1',
});
