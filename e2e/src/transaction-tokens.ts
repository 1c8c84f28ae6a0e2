import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TransactionTokenMinter, createPrincipal } from '@sallyport/principal';
import { StaticSvidSource, Svid, TrustBundle, TrustDomain } from '@sallyport/workload-identity';
import type { SvidPem } from '@sallyport/workload-identity';
import { sharedCluster } from './cluster-facts';
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
  const bundlePem = readFileSync(join(sharedCluster().certsFolder, 'bundle.pem'), 'utf8');
  const context = { svid: Svid.parse(signer), bundle: TrustBundle.parse(bundlePem) };
  const minter = new TransactionTokenMinter({
    source: new StaticSvidSource(context),
    trustDomain: TrustDomain.parse(trustDomain),
    clock: () => new Date(Date.now() - ageSeconds * 1000),
  });
  return minter.mint({
    principal: createPrincipal({ id: userId, sessionId, type: 'user', scopes: new Set(scopes) }),
    context: { method: 'POST', route: '/orders', clientAddress: '127.0.0.1' },
  });
}
