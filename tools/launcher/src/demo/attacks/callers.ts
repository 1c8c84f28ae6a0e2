import type { ChannelCredentials } from '@grpc/grpc-js';
import type { ServiceName } from '../../cluster/listeners';
import type { Stage } from '../stage';
import type { Chapter } from '../step';
import { tlsCredentials } from './grpc-call';
import { RPCS, refusedCall } from './refused-call';

/** R3, R4: a valid certificate says who calls, and each method says who may. */
export const CALLER_ATTACKS: Chapter = {
  title: 'Valid certificates in the wrong place',
  steps: [
    refusedCall({
      title: "orders-service's certificate and a forged x-user-id",
      rpc: RPCS.listOrders,
      credentials: as('orders-service'),
      metadata: ({ facts }) => ({
        'x-user-id': facts.recall('subject'),
        'x-principal-type': 'user',
        'x-user-scopes': 'orders:read',
      }),
      status: 'PERMISSION_DENIED',
      reason: 'identity_headers_untrusted',
    }),
    refusedCall({
      title: "the gateway's certificate on a method of orders-service alone",
      rpc: RPCS.chargeOrder,
      credentials: as('gateway'),
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
    }),
    refusedCall({
      title: "billing-service's certificate on a method of the gateway alone",
      rpc: RPCS.listOrders,
      credentials: as('billing-service'),
      status: 'PERMISSION_DENIED',
      reason: 'caller_not_allowed',
    }),
  ],
};

/** Calls with the certificate the service itself uses. */
export function as(service: ServiceName): (stage: Stage) => Promise<ChannelCredentials> {
  return async (stage) => {
    const { svid, bundle } = await stage.identityOf(service);
    return tlsCredentials(bundle.pem, svid);
  };
}
