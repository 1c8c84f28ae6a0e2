import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Transaction } from 'kysely';
import type { AuthTables } from '../auth.tables';
import type { SealedSigningKey } from './sealed-signing-key';
import type { SigningKeyRecord } from './signing-key-record';
import type { SigningKeyTransitions } from './signing-key-transitions';

/** What else has to happen when a key is tainted, in the transaction that taints it. */
export type AlsoWhenTainted<Result> = (
  transaction: Transaction<AuthTables>,
  kid: string,
) => Promise<Result>;

/** What tainting a key came to. */
export interface Tainted<Result> {
  readonly tainted: SigningKeyRecord;
  /** The key that signs now. */
  readonly active: SigningKeyRecord;
  /** Of what had to happen as well. */
  readonly result: Result;
}

/**
 * Withdraws a key. Nothing else may stand in the way of that: the prepared key takes its place without having been
 * tried first, however short a time it has been published.
 *
 * Taints the key, then does `also`, then lets another key sign if it was the active one: the prepared one or else the
 * spare one. Undefined, with nothing done, when only a spare key could, and none is given.
 *
 * @throws ServiceError NOT_FOUND `signing_key_not_found`
 */
export async function taintKey<Result>(
  keys: SigningKeyTransitions,
  { kid, now, spare }: { kid: string; now: Date; spare: SealedSigningKey | undefined },
  also: () => Promise<Result>,
): Promise<Tainted<Result> | undefined> {
  const key = await keys.lock(kid);
  if (!key) throw new ServiceError('NOT_FOUND', 'signing_key_not_found');
  const succeed = successionOf(await keys.list());
  if (!succeed) return undefined;

  const tainted = key.state === 'tainted' ? key : await keys.taint(kid, now);
  const result = await also();
  return { tainted, result, active: await succeed() };

  function successionOf(
    all: readonly SigningKeyRecord[],
  ): (() => Promise<SigningKeyRecord>) | undefined {
    const others = all.filter((other) => other.kid !== kid);
    const active = others.find(({ state }) => state === 'active');
    if (active) return () => Promise.resolve(active);
    const prepared = others.find(({ state }) => state === 'prepared');
    if (prepared) return () => keys.activate(prepared.kid, now);
    return spare && (() => keys.insertActive(spare, now));
  }
}
