import type { Revocation } from './revocation';

/** A revocation as it was durably recorded, together with what it ends. */
export interface RecordedRevocation {
  /** Names the record in its outbox. */
  readonly recordId: string;
  readonly revocation: Revocation;
}

/**
 * Where revocations are recorded before they are published: in the same transaction as the change that makes them
 * necessary, so that neither happens without the other. It is the truth; the feed is how it travels.
 */
export interface RevocationOutbox {
  /**
   * What has to be published now, oldest first, at most `limit`: what never was, and what outlives the feed's retention
   * and has not been published for half of it. Records of transactions that committed before the call are all among it.
   */
  due(limit: number): Promise<readonly RecordedRevocation[]>;

  /** The newest record that was never published: what comes behind it need not be waited for. */
  newestUnpublished(): Promise<string | undefined>;

  markPublished(recordIds: readonly string[]): Promise<void>;

  /** Everything in force, page by page in a fixed order: at most `limit` records behind that of `after`. */
  inForce(after: string | undefined, limit: number): Promise<readonly RecordedRevocation[]>;
}
