export { FEED_KEY, FEED_RETENTION_MS, GENERATION_KEY } from './feed-connection';
export { redisTls } from './redis-tls';
export { readFeed, type FeedContents } from './read-feed';
export { RevocableKeySet } from './revocable-key-set';
export {
  REVOCABLE_KINDS,
  revocationKey,
  type EpochKind,
  type RevocableKind,
  type Revocation,
} from './revocation';
export {
  RevocationCheckingVerifier,
  type RevocationCheckingVerifierOptions,
} from './revocation-checking-verifier';
export { RevocationFollower, type RevocationFollowerOptions } from './revocation-follower';
export type { RecordedRevocation, RevocationOutbox } from './revocation-outbox';
export { RevocationPublisher, type RevocationPublisherOptions } from './revocation-publisher';
export { RevocationReplica, type RevocableClaims } from './revocation-replica';
