import { keyIdOfRevocation } from '@sallyport/api-keys';
import { revocationKey, type Revocation } from '@sallyport/revocation';
import { sql } from 'kysely';
import { endApiKeys } from '../api-keys/ended-api-keys';
import type { PartnerCredentialsRepository } from '../partners/partner-credentials.repository';
import { recordRevocation, toRecord } from '../revocations/record-revocation';
import type { AuthConnection } from '../revocations/record-revocation';

/** What was revoked since the backup, as far as the feed still tells. */
export interface LostRevocations {
  /** Ended again: those that were revoked, and those that were rotated, of which only the old secret is in the backup. */
  readonly apiKeys: readonly string[];
  /** Thumbprints; revoked again. */
  readonly certificates: readonly string[];
  /** Accounts, clients and partners whose tokens were ended: why, an operator has to look up. */
  readonly subjects: readonly string[];
  readonly clients: readonly string[];
}

const REASON = 'database_restored';

/**
 * Does again what the feed tells of and the restored outbox does not. Tokens and sessions are not among it: all of them end
 * anyway.
 */
export async function repeatLostRevocations(
  transaction: AuthConnection,
  revocations: readonly Revocation[],
  { partners, now }: { readonly partners: PartnerCredentialsRepository; readonly now: Date },
): Promise<LostRevocations> {
  const known = await knownKeys(transaction);
  const lost = revocations.filter(
    (each) => !known.has(revocationKey(each)) && each.expiresAt * 1_000 > now.getTime(),
  );
  const idsOf = (kind: Revocation['kind']): readonly string[] =>
    lost.filter((each) => each.kind === kind).map(({ id }) => id);

  const apiKeys = [...new Set(idsOf('api_key').map(keyIdOfRevocation))];
  await endApiKeys(transaction, sql`api_keys.id = ANY(${apiKeys})`, {
    reason: 'api_key_revoked',
    now,
  });
  for (const thumbprint of idsOf('certificate')) {
    await partners.revokeCertificate(transaction, thumbprint, now);
  }
  // Back in the outbox they are published again for as long as they are in force.
  for (const { kind, id, expiresAt } of lost) {
    if (kind !== 'api_key' && kind !== 'certificate' && kind !== 'signing_key') continue;
    const recorded = { kind, revokedId: id, reason: REASON, recordedAt: now };
    await recordRevocation(transaction, { ...recorded, expiresAt: new Date(expiresAt * 1_000) });
  }
  return {
    apiKeys,
    certificates: idsOf('certificate'),
    subjects: [...new Set(idsOf('subject'))],
    clients: [...new Set(idsOf('client'))],
  };
}

async function knownKeys(transaction: AuthConnection): Promise<ReadonlySet<string>> {
  const rows = await transaction.selectFrom('revocations').selectAll().execute();
  return new Set(rows.map((row) => revocationKey(toRecord(row).revocation)));
}
