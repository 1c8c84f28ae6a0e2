import type { RecordedRevocation, RevocableKind, Revocation } from '@sallyport/revocation';
import { sql } from 'kysely';
import type { Kysely, RawBuilder, Selectable, Transaction } from 'kysely';
import type { AuthTables } from '../auth.tables';
import type { RevocationsTable } from './revocations.tables';

/** A connection, or a transaction on one. */
export type AuthConnection = Kysely<AuthTables> | Transaction<AuthTables>;

/**
 * For how long the end of a session, a subject's epoch or a client's is remembered: longer than the access tokens that
 * were issued before live, by more than clocks may differ.
 */
export const REVOCATION_MEMORY_SECONDS = 16 * 60;

/** For how long a key is remembered as revoked: far longer than any cache of a key set. */
export const KEY_REVOCATION_MEMORY_SECONDS = 30 * 24 * 60 * 60;

/**
 * For how long the feed carries that a certificate is revoked: far longer than a gateway remembers whose it is. The
 * table of certificates remembers it for ever.
 */
export const CERTIFICATE_REVOCATION_MEMORY_SECONDS = KEY_REVOCATION_MEMORY_SECONDS;

/** A revocation, and why. */
export interface NewRevocation {
  readonly kind: RevocableKind;
  readonly revokedId: string;
  /** For the kinds that have an epoch; whole seconds. */
  readonly issuedBefore?: Date;
  readonly reason: string;
  readonly recordedAt: Date;
  /** {@link REVOCATION_MEMORY_SECONDS} from now when left out. */
  readonly expiresAt?: Date;
}

/** Records a revocation on the connection or in the transaction that makes it necessary. */
export async function recordRevocation(
  connection: AuthConnection,
  revocation: NewRevocation,
): Promise<RecordedRevocation> {
  return toRecord(await insert(connection, revocation).executeTakeFirstOrThrow());
}

/** Records that a token is revoked; undefined when that is recorded already. */
export async function recordTokenRevocation(
  connection: AuthConnection,
  revocation: Omit<NewRevocation, 'kind' | 'issuedBefore'>,
): Promise<RecordedRevocation | undefined> {
  const row = await insert(connection, { ...revocation, kind: 'token' })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return row && toRecord(row);
}

function insert(connection: AuthConnection, revocation: NewRevocation) {
  const { kind, revokedId, issuedBefore, reason, recordedAt } = revocation;
  return connection
    .insertInto('revocations')
    .values({
      kind,
      revoked_id: revokedId,
      issued_before: issuedBefore ?? null,
      reason,
      recorded_at: recordedAt,
      expires_at: revocation.expiresAt ?? laterBy(recordedAt, REVOCATION_MEMORY_SECONDS),
    })
    .returningAll();
}

/** The columns by which the end of each session in the relation `ended` is recorded. */
export function sessionRevocations(now: Date): RawBuilder<unknown> {
  const expiresAt = laterBy(now, REVOCATION_MEMORY_SECONDS);
  return sql`
    INSERT INTO revocations (kind, revoked_id, reason, recorded_at, expires_at)
    SELECT 'session', id::text, end_reason, ${now}, ${expiresAt} FROM ended
    RETURNING id AS record_id, revoked_id, expires_at`;
}

export function toRecord(
  row: Pick<
    Selectable<RevocationsTable>,
    'id' | 'kind' | 'revoked_id' | 'issued_before' | 'expires_at'
  >,
): RecordedRevocation {
  return { recordId: String(row.id), revocation: toRevocation(row) };
}

function toRevocation({
  kind,
  revoked_id: id,
  issued_before,
  expires_at,
}: Pick<
  Selectable<RevocationsTable>,
  'kind' | 'revoked_id' | 'issued_before' | 'expires_at'
>): Revocation {
  const expiresAt = epochSeconds(expires_at);
  switch (kind) {
    case 'subject':
    case 'client':
      return { kind, id, expiresAt, issuedBefore: epochSeconds(issued_before ?? new Date(0)) };
    case 'token':
    case 'session':
    case 'api_key':
    case 'certificate':
    case 'signing_key':
      return { kind, id, expiresAt };
  }
}

export function laterBy(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}

function epochSeconds(moment: Date): number {
  return Math.ceil(moment.getTime() / 1000);
}
