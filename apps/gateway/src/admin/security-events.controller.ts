import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireScopes } from '@sallyport/nest-zero-trust';
import { Describe } from '../docs/describe.decorator';
import { pageOf, type Page } from '../upstream/page';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { LimitAs } from '../rate-limits/route-class';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUDIT_CLIENTS, type AuditClients } from '../upstream/upstream-clients';
import { listRequestOf, SecurityEventQuery } from './security-event.query';
import {
  SecurityEventPage,
  securityEventView,
  type SecurityEventView,
} from './security-event.view';

/** What every service decided, for operators who watch over it. */
@ApiTags('admin')
@Controller('admin/security-events')
@LimitAs('admin')
export class SecurityEventsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUDIT_CLIENTS) private readonly services: AuditClients,
  ) {}

  @Get()
  @RequireScopes('audit:read')
  @Describe({
    summary: 'List the security events of a service, newest first',
    description:
      'Events are listed a moment after they were recorded. Each is a link of a hash chain, which `npm run audit:verify` verifies.',
    answers: { 200: SecurityEventPage },
    problems: { 400: ['page_token_invalid'] },
  })
  async list(
    @Query() query: SecurityEventQuery,
    @CurrentRequest() context: RequestContext,
  ): Promise<Page<SecurityEventView>> {
    const service = this.services[query.service ?? 'gateway'];
    const { events, nextPageToken } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.read,
      (options) => service.listSecurityEvents(listRequestOf(query), options),
    );
    return pageOf(events.map(securityEventView), nextPageToken);
  }
}
