import { askAuthDatabase } from './auth-database';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { renew, signUp } from './customers';
import type { PublicClient } from './public-client';
import { enrolTotp } from './second-factors';
import type { EnrolledCustomer } from './second-factors';

/** What the seeded operator of `npm start` holds. */
const OPERATOR_SCOPES = ['keys:manage', 'accounts:manage', 'clients:manage', 'audit:read'];

/**
 * An operator of a spec's own, who has just signed in with an authenticator app: what operators order takes that. The seeded
 * one has none, so that specs which only look can sign in as that one.
 */
export async function newOperator(
  client: PublicClient,
  facts: Pick<ClusterFacts, 'authDatabaseUrl'> = sharedCluster(),
): Promise<EnrolledCustomer> {
  const enrolled = await enrolTotp(client, await signUp(client));
  await askAuthDatabase(facts, 'UPDATE accounts SET scopes = $1 WHERE id = $2', [
    OPERATOR_SCOPES,
    enrolled.userId,
  ]);
  return { ...enrolled, ...(await renew(client, enrolled)) };
}
