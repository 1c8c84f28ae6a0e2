import { Inject, Injectable } from '@nestjs/common';
import type { ReadsOwnEvents } from '@sallyport/audit';
import type { accountSecurityV1 } from '@sallyport/contracts';
import { OWN_EVENTS } from '../app.tokens';
import { problem } from '../problems/problem';
import { pageOf, type Page } from '../upstream/page';
import type { RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { ACCOUNT_SECURITY_CLIENT, type AccountSecurityClient } from '../upstream/upstream-clients';
import { END, mergeEvents, NEWEST, parsePlaces } from './merged-events';
import { ownEventView, type OwnEventsQuery, type OwnEventView } from './own-event.view';
import { ownEventsOf } from './own-events';

const DEFAULT_SIZE = 20;
const NOTHING: accountSecurityV1.ListOwnEventsResponse = { events: [], hasMore: false };

/** What happened to the account of the calling user, out of the logs of all services that record it. */
@Injectable()
export class OwnEventsService {
  constructor(
    private readonly upstream: Upstream,
    @Inject(ACCOUNT_SECURITY_CLIENT) private readonly auth: AccountSecurityClient,
    @Inject(OWN_EVENTS) private readonly log: ReadsOwnEvents,
  ) {}

  /** The newest first. @throws ProblemError 400 `page_token_invalid`, also for the cursor of somebody else */
  async list(
    context: RequestContext,
    { limit: size = DEFAULT_SIZE, cursor }: OwnEventsQuery,
  ): Promise<Page<OwnEventView>> {
    const places = cursor === undefined ? NEWEST : parsePlaces(cursor);
    if (places === undefined) throw problem('page_token_invalid');
    const accountId = context.principal?.id ?? '';
    const page = (place: string, read: ReadsPage) =>
      place === END
        ? NOTHING
        : this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
            read({ pageSize: size, pageToken: place }, options),
          );
    const [gateway, auth] = await Promise.all([
      page(places.gateway, (request) => ownEventsOf(this.log, accountId, request)),
      page(places['auth-service'], (...asked) => this.auth.listOwnEvents(...asked)),
    ]);
    const pages = { gateway, 'auth-service': auth };
    const { events, nextCursor } = mergeEvents(pages, places, size);
    return pageOf(events.map(ownEventView), nextCursor);
  }
}

type ReadsPage = (
  ...asked: Parameters<AccountSecurityClient['listOwnEvents']>
) => Promise<accountSecurityV1.ListOwnEventsResponse>;
