import { connectRedis, type RedisServer } from '../rate-limits/connect-redis';
import { RedisProofMemory, type RemembersProofs } from './proof-memory';

/** Longer than a count may take: without an answer the request is refused. */
const COMMAND_TIMEOUT_MS = 1_000;

export interface OpenProofMemory {
  readonly proofMemory: RemembersProofs;
  close(): void;
}

/** The memory of proofs in a Redis, on a connection of its own, without waiting for it. */
export function openProofMemory(server: RedisServer): OpenProofMemory {
  const redis = connectRedis(server, COMMAND_TIMEOUT_MS, 'gateway-dpop');
  return {
    proofMemory: new RedisProofMemory(redis),
    close: () => {
      redis.disconnect();
    },
  };
}
