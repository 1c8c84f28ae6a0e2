import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireSession } from '@sallyport/nest-zero-trust';
import type { FastifyReply } from 'fastify';
import { RECENT } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { CLEARED_REFRESH_COOKIE } from './refresh-cookie';
import { CROSS_SITE, SameOriginGuard } from './same-origin.guard';
import {
  EndedSessions,
  SessionList,
  sessionView,
  type EndedSessionsView,
  type SessionView,
} from './session.view';

/** The calling user's sessions: to look at, and to end. What has ended is refused everywhere within the stated bound. */
@ApiTags('auth')
@Controller('auth')
export class SessionListController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
  ) {}

  @Get('sessions')
  @RequireSession()
  @Describe({
    summary: 'List the own live sessions, the most recently used first',
    answers: { 200: SessionList },
  })
  async list(@CurrentRequest() context: RequestContext): Promise<{ items: SessionView[] }> {
    const { sessions } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.auth.listSessions({}, options),
    );
    return { items: sessions.map(sessionView) };
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @Describe({
    summary: 'End one of the own sessions',
    answers: { 204: null },
    problems: { 404: ['session_not_found'] },
  })
  async end(
    @Param('id') sessionId: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.auth.endSession({ sessionId }, options),
    );
  }

  @Delete('sessions')
  @RequireSession()
  @RequireAuthentication(RECENT)
  @Describe({
    summary: 'End all own sessions but this one',
    answers: { 200: EndedSessions },
  })
  async endOthers(@CurrentRequest() context: RequestContext): Promise<EndedSessionsView> {
    const { endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.auth.endOtherSessions({}, options),
    );
    return { endedSessions };
  }

  /** Its answer takes the cookie away, so that pages of other origins have no more say in it than in logging out. */
  @Post('logout-all')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'End all own sessions, this one included',
    answers: { 200: EndedSessions },
    problems: CROSS_SITE,
  })
  async endAll(
    @CurrentRequest() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndedSessionsView> {
    const { endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.auth.endAllSessions({}, options),
    );
    reply.header('set-cookie', CLEARED_REFRESH_COOKIE);
    return { endedSessions };
  }
}
