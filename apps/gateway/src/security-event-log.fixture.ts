import type { ReadsSecurityEvents, SecurityEventPage } from '@sallyport/audit';

/** Answers what a test tells it to, and remembers what it was asked. */
export class FakeSecurityEventLog implements ReadsSecurityEvents {
  page: SecurityEventPage = { events: [], nextPageToken: '' };
  failure: Error | undefined;
  readonly asked: Parameters<ReadsSecurityEvents['list']>[] = [];

  async list(...asked: Parameters<ReadsSecurityEvents['list']>): Promise<SecurityEventPage> {
    this.asked.push(asked);
    if (this.failure) throw this.failure;
    return this.page;
  }
}
