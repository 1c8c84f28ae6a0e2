import { randomUUID } from 'node:crypto';
import { authV1, billingV1 } from '@sallyport/contracts';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { InternalClient } from './internal-client';
import { PublicClient } from './public-client';
import { unknownRpc } from './rpc';
import { workloadTransactionToken } from './transaction-tokens';

/** Correct calls that leave a line in the log of every service, to tell what came before from what never comes. */
export class Landmark {
  readonly #outside: PublicClient;
  readonly #inside: InternalClient;
  readonly #addresses: ClusterFacts['grpcAddresses'];
  readonly #facts: ClusterFacts;

  constructor(facts: ClusterFacts = sharedCluster()) {
    this.#outside = new PublicClient(facts);
    this.#inside = new InternalClient(facts);
    this.#addresses = facts.grpcAddresses;
    this.#facts = facts;
  }

  /** Resolves with the correlation ids of the calls once all are answered. */
  async set(): Promise<readonly string[]> {
    const answers = await Promise.all([
      // Through the gateway to orders-service.
      this.#outside.send({ path: '/products' }),
      this.#inside.callAs({
        svid: this.#inside.svidOf('gateway'),
        address: this.#addresses['auth-service'],
        method: unknownRpc(`${authV1.AuthServiceDefinition.fullName}/Logout`),
        request: authV1.LogoutRequest.encode({ refreshToken: 'unknown' }).finish(),
      }),
      this.#inside.callAs({
        svid: this.#inside.svidOf('orders-service'),
        address: this.#addresses['billing-service'],
        method: unknownRpc(`${billingV1.BillingServiceDefinition.fullName}/ResolveOrderCharge`),
        request: billingV1.ResolveOrderChargeRequest.encode({ orderId: randomUUID() }).finish(),
        metadata: { 'txn-token': workloadTransactionToken({}, this.#facts) },
      }),
    ]);
    return answers.map((answer) => {
      if ('correlationId' in answer) return answer.correlationId;
      throw new Error(`a correct call was refused: ${answer.error}`);
    });
  }
}
