import {
  createPrincipal,
  TransactionTokenMinter,
  WorkloadTransactionMinter,
} from '@sallyport/principal';
import type { WorkloadTransaction } from '@sallyport/principal';
import type { FakeCa } from '@sallyport/testing';

/** The claims of a compact JWS. */
export function claimsOf(token: string): Record<string, unknown> {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return JSON.parse(payload) as Record<string, unknown>;
}

/** A token of the transaction of a user, as the gateway mints it. */
export async function userTransactionToken(ca: FakeCa, now: () => Date): Promise<string> {
  const source = await ca.source('gateway');
  const minter = new TransactionTokenMinter({ source, trustDomain: ca.trustDomain, clock: now });
  return minter.mint({
    principal: createPrincipal({
      id: 'user-1',
      type: 'user',
      scopes: new Set(['charges:resolve', 'charges:void']),
    }),
    context: { method: 'POST', route: '/orders', clientAddress: '192.0.2.1' },
  });
}

/** A token of a transaction of orders-service as auth-service mints it, with changes. */
export async function workloadTransactionToken(
  ca: FakeCa,
  now: Date,
  { signer = 'auth-service', ...change }: Partial<WorkloadTransaction> & { signer?: string } = {},
): Promise<string> {
  const source = await ca.source(signer);
  const workload = ca.spiffeId('orders-service');
  const issuedAt = Math.floor(now.getTime() / 1000);
  return new WorkloadTransactionMinter({ source, trustDomain: ca.trustDomain }).mint({
    ...{ txn: 'txn-1', workload, requestingWorkloads: [workload], job: 'settle-orders' },
    ...{ scopes: new Set(['charges:resolve', 'charges:void']) },
    ...{ issuedAt, expiresAt: issuedAt + 60, ...change },
  });
}
