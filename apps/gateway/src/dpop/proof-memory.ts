import { hash } from 'node:crypto';
import type { Redis } from 'ioredis';

/** RemembersProofs, bound to what the application was given. */
export const PROOF_MEMORY = Symbol('ProofMemory');

/** Remembers which proofs have been presented, for all gateways. */
export interface RemembersProofs {
  /**
   * Whether this proof is presented for the first time: true for exactly one of several calls, at whichever gateway.
   *
   * @param keyThumbprint of the key it was made with: nobody uses up the ids of another
   * @param jti its id
   * @param milliseconds for how long it is to be remembered: until it is too old in any case
   *
   * Rejects when that cannot be told.
   */
  isFirst(keyThumbprint: string, jti: string, milliseconds: number): Promise<boolean>;
}

/** One statement in Redis, which either writes an entry that is not there or does not (R11). */
export class RedisProofMemory implements RemembersProofs {
  /** @param redis Fails at once while it is away. */
  constructor(private readonly redis: Pick<Redis, 'set'>) {}

  async isFirst(keyThumbprint: string, jti: string, milliseconds: number): Promise<boolean> {
    // The thumbprint is of one length, so that no other pair is written the same way.
    const key = `gateway:dpop:${hash('sha256', `${keyThumbprint}.${jti}`, 'base64url')}`;
    return (await this.redis.set(key, '', 'PX', milliseconds, 'NX')) === 'OK';
  }
}
