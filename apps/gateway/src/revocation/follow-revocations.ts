import type { Logger } from '@sallyport/observability';
import { RevocationFollower, type Revocation, type RevocationReplica } from '@sallyport/revocation';
import type { ConnectionOptions } from 'node:tls';
import { revocationFeedLog } from './revocation-feed.log';

export interface FollowRevocationsOptions {
  /** Holds a password. */
  readonly redisUrl: string;
  readonly redisTls: ConnectionOptions | undefined;
  /** Shown by Redis for the connection. */
  readonly name: string;
  readonly replica: RevocationReplica;
  readonly boundMs: number;
  /** Told of each signing key that is revoked. */
  readonly onSigningKeyRevoked: () => void;
  /** Told of each revocation that has been taken, perhaps more than once, and how long after it was written to the feed. */
  readonly onApplied: (revocation: Revocation, lagMs: number | undefined) => void;
  readonly logger: Logger;
}

/**
 * Begins to keep the replica in step with the revocation feed. Does not wait for it: until the replica is current no
 * access token is accepted, and everything public is served.
 */
export function followRevocations(options: FollowRevocationsOptions): RevocationFollower {
  const { logger, ...followed } = options;
  const follower = new RevocationFollower({ ...followed, ...revocationFeedLog(logger) });
  follower.start();
  return follower;
}
