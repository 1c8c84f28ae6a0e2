import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPrincipal,
  TransactionTokenMinter,
  WorkloadTransactionMinter,
} from '@sallyport/principal';
import {
  SpiffeId,
  StaticSvidSource,
  Svid,
  TrustBundle,
  TrustDomain,
} from '@sallyport/workload-identity';
import type { SvidPem } from '@sallyport/workload-identity';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts, ServiceName } from './cluster-facts';
import type { Customer } from './customers';
import { InternalClient } from './internal-client';

/** In what a transaction token differs from the one the gateway would mint. */
export interface TransactionTokenDeviation {
  /** Whose key signs; the gateway's unless given. */
  readonly signer?: SvidPem;
  readonly trustDomain?: string;
  readonly scopes?: readonly string[];
  /** How long ago it was minted. */
  readonly ageSeconds?: number;
}

/** The transaction token of an order that this customer places, by the gateway's own code and SVID. */
export function transactionTokenFor(
  { userId, sessionId }: Pick<Customer, 'userId' | 'sessionId'>,
  deviation: TransactionTokenDeviation = {},
): string {
  const {
    signer = new InternalClient().svidOf('gateway'),
    trustDomain = 'sallyport.internal',
    scopes = ['orders:read', 'orders:write', 'billing:read'],
    ageSeconds = 0,
  } = deviation;
  const minter = new TransactionTokenMinter({
    source: sourceOf(signer, sharedCluster()),
    trustDomain: TrustDomain.parse(trustDomain),
    clock: () => new Date(Date.now() - ageSeconds * 1000),
  });
  return minter.mint({
    principal: createPrincipal({ id: userId, sessionId, type: 'user', scopes: new Set(scopes) }),
    context: { method: 'POST', route: '/orders', clientAddress: '127.0.0.1' },
  });
}

/** In what the token of a transaction of orders-service differs from the one auth-service would mint. */
export interface WorkloadTokenDeviation {
  /** Whose key signs; auth-service's unless given. */
  readonly signer?: ServiceName;
  readonly workload?: ServiceName;
  readonly scopes?: readonly string[];
  /** How long ago it was minted. */
  readonly ageSeconds?: number;
}

/** The token of a transaction that orders-service has begun, by auth-service's own code and SVID. */
export function workloadTransactionToken(
  deviation: WorkloadTokenDeviation = {},
  facts: Pick<ClusterFacts, 'certsFolder'> = sharedCluster(),
): string {
  const {
    signer = 'auth-service',
    workload = 'orders-service',
    scopes = ['charges:resolve', 'charges:void'],
    ageSeconds = 0,
  } = deviation;
  const trustDomain = TrustDomain.parse('sallyport.internal');
  const source = sourceOf(new InternalClient(facts).svidOf(signer), facts);
  const id = workloadId(workload);
  const issuedAt = Math.floor(Date.now() / 1000) - ageSeconds;
  return new WorkloadTransactionMinter({ source, trustDomain }).mint({
    ...{ txn: randomUUID(), workload: id, requestingWorkloads: [id], job: 'settle-orders' },
    ...{ scopes: new Set(scopes), issuedAt, expiresAt: issuedAt + 60 },
  });
}

export function workloadId(service: ServiceName): SpiffeId {
  const trustDomain = TrustDomain.parse('sallyport.internal');
  return SpiffeId.ofService({ trustDomain, namespace: 'sallyport', service });
}

/** The identity that an SVID of the cluster gives. */
export function sourceOf(
  svid: SvidPem,
  { certsFolder }: Pick<ClusterFacts, 'certsFolder'>,
): StaticSvidSource {
  const bundlePem = readFileSync(join(certsFolder, 'bundle.pem'), 'utf8');
  return new StaticSvidSource({ svid: Svid.parse(svid), bundle: TrustBundle.parse(bundlePem) });
}
