import { TransactionTokenMinter, createPrincipal } from '@sallyport/principal';
import { StaticSvidSource, TrustDomain } from '@sallyport/workload-identity';
import type { ServiceName } from '../../cluster/listeners';
import type { Stage } from '../stage';

interface Deviation {
  /** Whose certificate signs; the gateway's unless given. */
  readonly signer?: ServiceName;
  readonly trustDomain?: string;
  /** How long ago it was minted. */
  readonly ageSeconds?: number;
}

/** The customer's transaction token as the gateway mints it, but for what deviates. */
export async function mintTransactionToken(
  stage: Stage,
  { signer = 'gateway', trustDomain, ageSeconds = 0 }: Deviation = {},
): Promise<string> {
  const context = await stage.identityOf(signer);
  const minter = new TransactionTokenMinter({
    source: new StaticSvidSource(context),
    trustDomain:
      trustDomain === undefined
        ? context.svid.spiffeId.trustDomain
        : TrustDomain.parse(trustDomain),
    clock: () => new Date(Date.now() - ageSeconds * 1000),
  });
  return minter.mint({
    principal: createPrincipal({
      id: stage.facts.recall('subject'),
      type: 'user',
      scopes: new Set(['orders:write']),
    }),
    context: { method: 'POST', route: '/orders', clientAddress: '127.0.0.1' },
  });
}
