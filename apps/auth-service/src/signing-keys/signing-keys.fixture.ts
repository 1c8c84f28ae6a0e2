import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { FakeClock, RecordedSecurityEvents } from '@sallyport/testing';
import type { Selectable } from 'kysely';
import { KEY_ENCRYPTION_KEY } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { FileKeyEncryption } from './file.key-encryption';
import type { KeyEncryption } from './key-encryption';
import { SIGNING_KEY_POLICY_DEFAULTS } from './signing-key-policy';
import type { SigningKeyState } from './signing-key-record';
import type { SigningKeysTable } from './signing-keys.tables';
import { SigningKeysRepository } from './signing-keys.repository';
import { SigningKeysService } from './signing-keys.service';

export const POLICY = SIGNING_KEY_POLICY_DEFAULTS;

/** Signing keys as one replica has them. */
export interface KeysOfReplica {
  readonly keys: SigningKeysService;
  readonly clock: FakeClock;
  readonly events: RecordedSecurityEvents;
  /** What became of keys through this replica. */
  transitions(): readonly (readonly [reason: string, kid: string | undefined])[];
}

export function keysOf(
  database: Database<AuthTables>,
  {
    clock = new FakeClock(),
    encryption = new FileKeyEncryption(KEY_ENCRYPTION_KEY),
  }: { readonly clock?: FakeClock; readonly encryption?: KeyEncryption } = {},
): KeysOfReplica {
  const events = new RecordedSecurityEvents();
  const repository = new SigningKeysRepository(database);
  return {
    keys: new SigningKeysService(repository, encryption, clock.now, POLICY, events),
    clock,
    events,
    transitions: () => events.all.map(({ reason, target }) => [reason, target] as const),
  };
}

export function rowOf(
  database: Database<AuthTables>,
  kid: string,
): Promise<Selectable<SigningKeysTable> | undefined> {
  return database.db
    .selectFrom('signing_keys')
    .selectAll()
    .where('kid', '=', kid)
    .executeTakeFirst();
}

/** A row whose private half is gone. */
export const WIPED_ROW = {
  sealed_private_key: null,
  sealing_key_id: null,
  sealing_algorithm: null,
} as const;

/** A row of a key that is never asked to sign. */
export async function insertKey(
  database: Database<AuthTables>,
  state: SigningKeyState,
  { now, verifiesUntil = now }: { readonly now: Date; readonly verifiesUntil?: Date },
): Promise<string> {
  const kid = randomUUID();
  const signs = state === 'prepared' || state === 'active';
  await database.db
    .insertInto('signing_keys')
    .values({
      kid,
      state,
      public_jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB', kid, alg: 'RS256', use: 'sig' },
      sealed_private_key: signs ? Buffer.from('sealed') : null,
      sealing_key_id: signs ? 'none' : null,
      sealing_algorithm: signs ? 'none' : null,
      created_at: now,
      activated_at: null,
      retired_at: null,
      tainted_at: state === 'tainted' ? now : null,
      verifies_until: state === 'retired' ? verifiesUntil : null,
    })
    .execute();
  return kid;
}

export async function publishedKids(keys: SigningKeysService): Promise<readonly string[]> {
  return (await keys.published()).map(({ kid }) => kid).sort();
}

/** Of attempts of which some were refused: what the others came to, and the reasons. */
export async function outcomesOf<Result>(
  attempts: readonly Promise<Result>[],
): Promise<{ readonly succeeded: readonly Result[]; readonly refusals: readonly string[] }> {
  const settled = await Promise.allSettled(attempts);
  return {
    succeeded: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    refusals: settled.flatMap((each) =>
      each.status === 'rejected' ? [(each.reason as { readonly reason: string }).reason] : [],
    ),
  };
}
