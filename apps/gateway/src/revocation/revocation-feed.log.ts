import type { Logger } from '@sallyport/observability';
import type { RevocationFollowerOptions } from '@sallyport/revocation';

/** What a follower tells of itself. */
type Told = Required<
  Pick<RevocationFollowerOptions, 'onConnectionFailed' | 'onEntryRefused' | 'onCurrentChanged'>
>;

/** A feed that is away is tried several times a second; the log hears of it this often. */
const REPEAT_AFTER_MS = 30_000;

/**
 * Writes down how the revocation feed fares: each change between current and stale, and failed connections with their
 * error, at most one line in 30 seconds.
 */
export function revocationFeedLog(
  logger: Logger,
  monotonicNow: () => number = () => performance.now(),
): Told {
  let lastFailureAt = -Infinity;
  return {
    onConnectionFailed: (error) => {
      const now = monotonicNow();
      if (now - lastFailureAt < REPEAT_AFTER_MS) return;
      lastFailureAt = now;
      logger.warn({ event: 'revocation_feed_unreachable', error });
    },
    onEntryRefused: (position) => {
      logger.error({ event: 'revocation_entry_refused', position });
    },
    onCurrentChanged: (isCurrent) => {
      if (isCurrent) logger.info({ event: 'revocation_feed_current' });
      else logger.error({ event: 'revocation_feed_stale' });
    },
  };
}
