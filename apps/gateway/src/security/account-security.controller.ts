import { Controller, Get, HttpCode, Inject, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import type { FastifyReply } from 'fastify';
import { CLEARED_REFRESH_COOKIE } from '../auth/refresh-cookie';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { sessionView } from '../auth/session.view';
import { Describe } from '../docs/describe.decorator';
import { factorView } from '../mfa/factor.view';
import type { Page } from '../upstream/page';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import {
  ACCOUNT_SECURITY_CLIENT,
  AUTH_CLIENT,
  MFA_CLIENT,
  type AccountSecurityClient,
  type AuthClient,
  type MfaClient,
} from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { required } from '../upstream/upstream-response';
import {
  AccountSecurity,
  OwnEventPage,
  OwnEventsQuery,
  type AccountSecurityView,
  type OwnEventView,
} from './own-event.view';
import { OwnEventsService } from './own-events.service';

/** How safe the calling user's account is, and the call for help when it is not. */
@ApiTags('auth')
@Controller('auth')
export class AccountSecurityController {
  constructor(
    private readonly upstream: Upstream,
    private readonly ownEvents: OwnEventsService,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(MFA_CLIENT) private readonly mfa: MfaClient,
    @Inject(ACCOUNT_SECURITY_CLIENT) private readonly security: AccountSecurityClient,
  ) {}

  @Get('security')
  @RequireSession()
  @Describe({
    summary: 'See how the own account is secured, and what happened to it lately',
    answers: { 200: AccountSecurity },
  })
  async show(@CurrentRequest() context: RequestContext): Promise<AccountSecurityView> {
    const { read } = UPSTREAM_TIMEOUT_MS;
    const [{ factors, recoveryCodesLeft }, { sessions }, { changedAt }, { items, nextCursor }] =
      await Promise.all([
        this.upstream.call(context, read, (options) => this.mfa.listFactors({}, options)),
        this.upstream.call(context, read, (options) => this.auth.listSessions({}, options)),
        this.upstream.call(context, read, (options) => this.security.getPasswordState({}, options)),
        this.ownEvents.list(context, {}),
      ]);
    return {
      factors: factors.map(factorView),
      recoveryCodesLeft,
      sessions: sessions.map(sessionView),
      passwordChangedAt: required(changedAt, 'changed_at').toISOString(),
      recentEvents: { items: [...items], nextCursor },
    };
  }

  @Get('security/events')
  @RequireSession()
  @Describe({
    summary: 'List what happened to the own account, newest first',
    description:
      'Sign-ins, changes and refusals, out of the logs of the gateway and of auth-service. An event is listed a moment after it happened.',
    answers: { 200: OwnEventPage },
    problems: { 400: ['page_token_invalid'] },
  })
  list(
    @Query() query: OwnEventsQuery,
    @CurrentRequest() context: RequestContext,
  ): Promise<Page<OwnEventView>> {
    return this.ownEvents.list(context, query);
  }

  /**
   * Wants no recent authentication, unlike other changes: it gives nobody anything, and whoever needs it may no longer be
   * able to prove who they are.
   */
  @Post('compromised')
  @HttpCode(204)
  @RequireSession()
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Say that somebody else is in the own account',
    description:
      'Ends every session, this one too, revokes the API keys and makes the password unusable: its owner gets a mail with a link for a new one.',
    answers: { 204: null },
    problems: { ...CROSS_SITE, 401: ['session_ended'] },
  })
  async report(
    @CurrentRequest() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.security.reportCompromised({}, options).catch(clientRefusal('session_ended')),
    );
    reply.header('set-cookie', CLEARED_REFRESH_COOKIE);
  }
}
