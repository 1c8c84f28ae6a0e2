import { Body, Controller, Headers, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import { Describe } from '../docs/describe.decorator';
import { KnownCredentials } from '../rate-limits/known-credentials';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { MFA_CLIENT, type MfaClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { IssuedToken, StepUp, type IssuedTokenView } from './auth.dtos';
import { handOverAccessToken } from './hand-over-tokens';
import { CROSS_SITE, SameOriginGuard } from './same-origin.guard';
import { presentedUserAgent } from './user-agent';

/** Has somebody signed in prove once more who they are (RFC 9470). */
@ApiTags('auth')
@Controller('auth')
@UseGuards(SameOriginGuard)
export class StepUpController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(MFA_CLIENT) private readonly mfa: MfaClient,
    private readonly known: KnownCredentials,
  ) {}

  /** The refresh cookie is neither needed nor replaced: a page steps up with the access token it holds. */
  @Post('step-up')
  @HttpCode(200)
  @RequireSession()
  @LimitAs('credentials')
  @Describe({
    summary:
      'Authenticate again in this session, for what takes a recent or a strong authentication',
    description:
      'Answers with an access token whose `auth_time` is now; so have those of later refreshes. An account with a second factor gives a code too. The refresh cookie and the end of the session stay as they are.',
    answers: { 200: IssuedToken },
    problems: {
      ...CROSS_SITE,
      401: ['invalid_credentials', 'mfa_refused', 'session_ended'],
      429: ['too_many_attempts', 'server_busy'],
    },
  })
  async stepUp(
    @Body() { password, method = 'totp', code = '' }: StepUp,
    @Headers('user-agent') header: string | undefined,
    @CurrentRequest() context: RequestContext,
  ): Promise<IssuedTokenView> {
    const userAgent = presentedUserAgent(header);
    const issued = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa
        .stepUp({ password, method, code, userAgent }, options)
        .catch(clientRefusal('invalid_credentials', 'mfa_refused', 'session_ended')),
    );
    return handOverAccessToken(issued, this.known);
  }
}
