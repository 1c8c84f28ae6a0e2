import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { RecordedRevocation } from '@sallyport/revocation';
import { REVOCATION_FEED } from './revocation-feed';
import type { RevocationFeed } from './revocation-feed';

/** Sees to it that what was revoked takes effect at the gateways. */
@Injectable()
export class RevocationsService {
  constructor(@Inject(REVOCATION_FEED) private readonly feed: RevocationFeed) {}

  /**
   * To be called before anything is done that revokes, so that with the feed gone nothing is half done.
   *
   * @throws ServiceError UNAVAILABLE `dependency_unavailable` when what is revoked now would not be published at once.
   */
  requireFeed(): void {
    if (this.feed.isPublishing) return;
    throw new ServiceError('UNAVAILABLE', 'dependency_unavailable', 'revocation feed');
  }

  /**
   * Publishes what is recorded durably. When the feed is lost at this very moment the gateways refuse everything once
   * the bound has passed, and accept again only after what is published here.
   */
  async deliver(records: readonly RecordedRevocation[]): Promise<void> {
    await this.feed.publish(records);
  }
}
