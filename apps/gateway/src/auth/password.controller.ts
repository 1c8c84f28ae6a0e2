import { Body, Controller, Headers, HttpCode, Inject, Post, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireSession } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import type { FastifyReply } from 'fastify';
import { CLOCK } from '../app.tokens';
import { RECENT } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { KnownCredentials } from '../rate-limits/known-credentials';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { IssuedToken, PasswordChange, type IssuedTokenView } from './auth.dtos';
import { presentedDeviceTokens } from './device-cookie';
import { handOverTokens } from './hand-over-tokens';
import { REFUSED_PASSWORD } from './refused-passwords';
import { CROSS_SITE, SameOriginGuard } from './same-origin.guard';
import { presentedUserAgent } from './user-agent';

/** The calling user's password. */
@ApiTags('auth')
@Controller('auth')
@UseGuards(SameOriginGuard)
export class PasswordController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly known: KnownCredentials,
  ) {}

  /** The caller goes on in a new session, with the tokens of the answer; those of before are refused from now on. */
  @Post('password')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @Describe({
    summary: 'Change the own password',
    description:
      'Ends every session there was, this one too; the tokens of the answer are those of a new one.',
    answers: { 200: IssuedToken },
    problems: {
      ...CROSS_SITE,
      400: REFUSED_PASSWORD,
      401: ['invalid_credentials', 'session_ended'],
      429: ['too_many_attempts', 'server_busy'],
    },
  })
  async change(
    @Body() passwords: PasswordChange,
    @Headers('user-agent') header: string | undefined,
    @Headers('cookie') cookies: string | undefined,
    @CurrentRequest() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView> {
    const { currentPassword, newPassword } = passwords;
    const userAgent = presentedUserAgent(header);
    const deviceTokens = presentedDeviceTokens(cookies);
    const { tokens } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.auth
        .changePassword({ currentPassword, newPassword, userAgent, deviceTokens }, options)
        .catch(clientRefusal('invalid_credentials', 'session_ended')),
    );
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }
}
