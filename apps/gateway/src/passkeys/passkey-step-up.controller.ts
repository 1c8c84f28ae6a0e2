import { Body, Controller, Headers, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import { IssuedToken, type IssuedTokenView } from '../auth/auth.dtos';
import { handOverAccessToken } from '../auth/hand-over-tokens';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { presentedUserAgent } from '../auth/user-agent';
import { Describe } from '../docs/describe.decorator';
import { KnownCredentials } from '../rate-limits/known-credentials';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { PASSKEY_CLIENT, type PasskeyClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { assertionJson, PasskeyLogin } from './passkey.dtos';
import { optionsView, PasskeyOptions, type PasskeyOptionsView } from './passkey.view';

/** Has somebody signed in prove once more who they are, by a passkey alone (RFC 9470). */
@ApiTags('auth')
@Controller('auth/step-up/passkey')
@UseGuards(SameOriginGuard)
export class PasskeyStepUpController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(PASSKEY_CLIENT) private readonly passkeys: PasskeyClient,
    private readonly known: KnownCredentials,
  ) {}

  @Post('options')
  @HttpCode(200)
  @RequireSession()
  @LimitAs('credentials')
  @Describe({
    summary: 'Begin to authenticate again by a passkey',
    description: 'Answers with what `navigator.credentials.get()` takes, once, in this session.',
    answers: { 200: PasskeyOptions },
    problems: CROSS_SITE,
  })
  async begin(@CurrentRequest() context: RequestContext): Promise<PasskeyOptionsView> {
    return optionsView(
      await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
        this.passkeys.beginStepUp({}, options),
      ),
    );
  }

  @Post()
  @HttpCode(200)
  @RequireSession()
  @LimitAs('credentials')
  @Describe({
    summary: 'Authenticate again in this session by a passkey, in the place of password and code',
    description: 'Answers as `POST /auth/step-up` does.',
    answers: { 200: IssuedToken },
    problems: {
      ...CROSS_SITE,
      401: ['mfa_refused', 'session_ended'],
      429: ['too_many_attempts'],
    },
  })
  async stepUp(
    @Body() { credential }: PasskeyLogin,
    @Headers('user-agent') header: string | undefined,
    @CurrentRequest() context: RequestContext,
  ): Promise<IssuedTokenView> {
    const userAgent = presentedUserAgent(header);
    const issued = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.passkeys
        .stepUpByPasskey({ credential: assertionJson(credential), userAgent }, options)
        .catch(clientRefusal('mfa_refused', 'session_ended')),
    );
    return handOverAccessToken(issued, this.known);
  }
}
