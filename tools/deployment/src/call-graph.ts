import { accessDeclarations as ofAuthService } from '@sallyport/auth-service/access';
import { accessDeclarations as ofBillingService } from '@sallyport/billing-service/access';
import { accessDeclarations as ofGateway } from '@sallyport/gateway/access';
import type { AccessDeclaration } from '@sallyport/nest-zero-trust';
import { accessDeclarations as ofOrdersService } from '@sallyport/orders-service/access';

/** One service may open a connection to another. */
export interface CallEdge {
  readonly caller: string;
  readonly service: string;
  /** Each transport is a listener of its own. */
  readonly transport: AccessDeclaration['transport'];
}

const DECLARATIONS: Readonly<Record<string, () => Promise<readonly AccessDeclaration[]>>> = {
  gateway: ofGateway,
  'auth-service': ofAuthService,
  'orders-service': ofOrdersService,
  'billing-service': ofBillingService,
};

/**
 * Who calls whom, as the handlers of every service declare it: each edge once, sorted. What the handlers declare is
 * enforced by certificates; networks and policies that are drawn from anything else would only look alike.
 *
 * Handlers that anyone may call are the public face of the gateway and no edge inside.
 */
export async function callGraph(): Promise<readonly CallEdge[]> {
  const edges = new Map<string, CallEdge>();
  for (const [service, declarations] of Object.entries(DECLARATIONS)) {
    for (const { callers = [], transport } of await declarations()) {
      for (const caller of callers) {
        edges.set([caller, service, transport].join(' '), { caller, service, transport });
      }
    }
  }
  return [...edges].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}
