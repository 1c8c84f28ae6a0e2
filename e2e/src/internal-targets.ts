import { randomUUID } from 'node:crypto';
import { authV1, billingV1, ordersV1 } from '@sallyport/contracts';
import { sharedCluster } from './cluster-facts';
import type { GrpcServiceName, ServiceName } from './cluster-facts';
import { InternalClient } from './internal-client';
import type { CallOutcome, InternalCall } from './internal-client';
import { rpcOf } from './rpc';
import type { Rpc } from './rpc';
import { workloadTransactionToken } from './transaction-tokens';

/** Who calls, and over which channel. */
export type Channel = Pick<InternalCall<never, unknown>, 'svid' | 'metadata' | 'plaintext' | 'tls'>;

/** A method that needs no user, with a request that it answers: only the channel can be what is wrong with a call. */
export interface InternalTarget {
  readonly service: GrpcServiceName;
  /** The one service that may call it. */
  readonly caller: ServiceName;
  /** As `handled` lines name it. */
  readonly target: string;
  call(channel: Channel): Promise<CallOutcome<unknown>>;
}

/** One such method of each service. */
export function internalTargets(): Readonly<Record<GrpcServiceName, InternalTarget>> {
  return {
    'auth-service': targetOf(
      'auth-service',
      'gateway',
      rpcOf(authV1.AuthServiceDefinition, 'logout'),
      { refreshToken: Buffer.alloc(32).toString('base64url') },
    ),
    'orders-service': targetOf(
      'orders-service',
      'gateway',
      rpcOf(ordersV1.OrdersServiceDefinition, 'listProducts'),
      {},
    ),
    'billing-service': targetOf(
      'billing-service',
      'orders-service',
      rpcOf(billingV1.BillingServiceDefinition, 'voidOrderCharge'),
      { orderId: randomUUID() },
      () => ({ 'txn-token': workloadTransactionToken() }),
    ),
  };
}

function targetOf<Request>(
  service: GrpcServiceName,
  caller: ServiceName,
  method: Rpc<Request, unknown>,
  request: Request,
  metadata: () => Readonly<Record<string, string>> = () => ({}),
): InternalTarget {
  const client = new InternalClient();
  const address = sharedCluster().grpcAddresses[service];
  return {
    service,
    caller,
    target: method.target,
    call: (channel) =>
      client.callAs({
        ...{ ...channel, address, method, request },
        metadata: { ...metadata(), ...channel.metadata },
      }),
  };
}
