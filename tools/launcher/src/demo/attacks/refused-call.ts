import type { ChannelCredentials } from '@grpc/grpc-js';
import { billingV1, ordersV1 } from '@sallyport/contracts';
import type { GrpcServiceName } from '../../cluster/listeners';
import { money } from '../answers';
import type { Stage } from '../stage';
import type { Step } from '../step';
import { callGrpc } from './grpc-call';
import { ran } from './refused-request';

/** A method of a service, and a request to it. */
export interface Rpc {
  readonly service: GrpcServiceName;
  readonly name: string;
  /** `/package.Service/Method` */
  readonly path: string;
  /** Encoded. */
  readonly request: (stage: Stage) => Uint8Array;
}

/** What attackers call, and well-formed, so that only the caller can be what is wrong. */
export const RPCS = {
  listOrders: {
    service: 'orders-service',
    name: 'ListOrders',
    path: `/${ordersV1.OrdersServiceDefinition.fullName}/ListOrders`,
    request: () => ordersV1.ListOrdersRequest.encode({ pageSize: 0, pageToken: '' }).finish(),
  },
  chargeOrder: {
    service: 'billing-service',
    name: 'ChargeOrder',
    path: `/${billingV1.BillingServiceDefinition.fullName}/ChargeOrder`,
    request: ({ facts }) =>
      billingV1.ChargeOrderRequest.encode({
        orderId: facts.recall('orderId'),
        total: money.parse(JSON.parse(facts.recall('orderTotal'))),
      }).finish(),
  },
} as const satisfies Record<string, Rpc>;

interface RefusedCall {
  readonly title: string;
  readonly rpc: Rpc;
  readonly credentials: (stage: Stage) => ChannelCredentials | Promise<ChannelCredentials>;
  readonly metadata?: (
    stage: Stage,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** The name of the gRPC status. */
  readonly status: string;
  /** What the service logs. */
  readonly reason: string;
  /** Whether the refusal happens in the handshake, where no reason can be told. */
  readonly inHandshake?: boolean;
}

/** A call to a service past the gateway, which the service refuses. */
export function refusedCall(attack: RefusedCall): Step {
  const { title, rpc, status, reason, inHandshake = false } = attack;
  return {
    title,
    run: async (stage) => {
      const credentials = await attack.credentials(stage);
      const metadata = (await attack.metadata?.(stage)) ?? {};
      const watch = await stage.watch(rpc.service);
      const answer = await callGrpc({
        address: stage.cluster.services[rpc.service].grpcAddress,
        path: rpc.path,
        message: rpc.request(stage),
        credentials,
        metadata,
      });
      const logged = await watch.refusal();
      const told = inHandshake ? answer.status : `${answer.status} ${answer.reason}`;
      return {
        sent: `${rpc.name} to ${rpc.service}`,
        expected: `${inHandshake ? status : `${status} ${reason}`}, logged as ${reason}, no handler ran`,
        got: `${told}, logged as ${logged}, ${ran(await watch.handled())}`,
      };
    },
  };
}
