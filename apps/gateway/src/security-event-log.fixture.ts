import type {
  OwnEventsPage,
  ReadsOwnEvents,
  ReadsSecurityEvents,
  SecurityEventPage,
} from '@sallyport/audit';

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

/** The same of what is told to owners. */
export class FakeOwnEvents implements ReadsOwnEvents {
  page: OwnEventsPage = { events: [], hasMore: false };
  failure: Error | undefined;
  readonly asked: Parameters<ReadsOwnEvents['list']>[] = [];

  async list(...asked: Parameters<ReadsOwnEvents['list']>): Promise<OwnEventsPage> {
    this.asked.push(asked);
    if (this.failure) throw this.failure;
    return this.page;
  }
}
