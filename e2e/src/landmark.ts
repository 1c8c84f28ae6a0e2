import { randomUUID } from 'node:crypto';
import { authV1, billingV1 } from '@sallyport/contracts';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts, ServiceName } from './cluster-facts';
import { exchange } from './grpc-exchange';
import { InternalClient } from './internal-client';
import type { InternalCall, InternalConnection } from './internal-client';
import { PublicClient } from './public-client';
import { unknownRpc } from './rpc';
import { rememberSecretsOf } from './secrets-in-use';
import { workloadTransactionToken } from './transaction-tokens';

type Call = Omit<InternalCall<Uint8Array, unknown>, 'svid'>;

/** Of the sixty seconds that a transaction token is good for. */
const TOKEN_USED_MS = 20_000;

/**
 * Correct calls that leave a line in the log of every service, to tell what came before from what never comes. They are many,
 * so their connections are kept.
 */
export class Landmark {
  readonly #outside: PublicClient;
  readonly #inside: InternalClient;
  readonly #addresses: ClusterFacts['grpcAddresses'];
  readonly #facts: ClusterFacts;
  /** By address. */
  readonly #kept = new Map<string, InternalConnection>();
  #token = { value: '', madeAt: -Infinity };

  constructor(facts: ClusterFacts = sharedCluster()) {
    this.#outside = new PublicClient(facts, { connections: 1 });
    this.#inside = new InternalClient(facts);
    this.#addresses = facts.grpcAddresses;
    this.#facts = facts;
  }

  /** Resolves with the correlation ids of the calls once all are answered. */
  set(): Promise<readonly string[]> {
    return Promise.all([
      // Through the gateway to orders-service.
      orOnceMore(async () => (await this.#outside.send({ path: '/products' })).correlationId),
      orOnceMore(() =>
        this.#call('gateway', {
          address: this.#addresses['auth-service'],
          method: unknownRpc(`${authV1.AuthServiceDefinition.fullName}/Logout`),
          request: authV1.LogoutRequest.encode({ refreshToken: 'unknown' }).finish(),
        }),
      ),
      orOnceMore(() =>
        this.#call('orders-service', {
          address: this.#addresses['billing-service'],
          method: unknownRpc(`${billingV1.BillingServiceDefinition.fullName}/ResolveOrderCharge`),
          request: billingV1.ResolveOrderChargeRequest.encode({ orderId: randomUUID() }).finish(),
          metadata: { 'txn-token': this.#transactionToken() },
        }),
      ),
    ]);
  }

  /** Ends the connections. */
  close(): void {
    this.#outside.close();
    for (const connection of this.#kept.values()) connection.end();
    this.#kept.clear();
  }

  async #call(caller: ServiceName, call: Call): Promise<string> {
    rememberSecretsOf(call.metadata);
    const correlationId = `e2e-${randomUUID()}`;
    const { session } = await this.#connectionFor(caller, call);
    await exchange(session, call, correlationId);
    return correlationId;
  }

  async #connectionFor(caller: ServiceName, { address }: Call): Promise<InternalConnection> {
    const kept = this.#kept.get(address);
    if (kept && !kept.session.closed && !kept.session.destroyed) return kept;
    const svid = this.#inside.svidOf(caller);
    const connection = await this.#inside.connect({ address, svid });
    this.#kept.set(address, connection);
    return connection;
  }

  #transactionToken(): string {
    if (performance.now() - this.#token.madeAt > TOKEN_USED_MS) {
      const value = workloadTransactionToken({}, this.#facts);
      this.#token = { value, madeAt: performance.now() };
    }
    return this.#token.value;
  }
}

/** The other side may have ended a connection that was kept just before it is used again. */
function orOnceMore<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return ask().catch(ask);
}
