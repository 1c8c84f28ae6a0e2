import {
  Body,
  Controller,
  Headers,
  HttpCode,
  Inject,
  Post,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLOCK } from '../app.tokens';
import { IssuedToken, type IssuedTokenView } from '../auth/auth.dtos';
import { presentedDeviceTokens } from '../auth/device-cookie';
import { handOverTokens } from '../auth/hand-over-tokens';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { presentedUserAgent } from '../auth/user-agent';
import { Describe } from '../docs/describe.decorator';
import { KnownCredentials } from '../rate-limits/known-credentials';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { PASSKEY_CLIENT, type PasskeyClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { assertionJson, PasskeyLogin, PasskeySecondFactor } from './passkey.dtos';
import { optionsView, PasskeyOptions, type PasskeyOptionsView } from './passkey.view';

/** Signs in with a passkey, alone or after the password. */
@ApiTags('auth')
@Controller('auth')
@UseGuards(SameOriginGuard)
export class PasskeyLoginController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(PASSKEY_CLIENT) private readonly passkeys: PasskeyClient,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly known: KnownCredentials,
  ) {}

  @Post('passkeys/login/options')
  @HttpCode(200)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Begin to sign in with a passkey alone',
    description:
      'Answers with what `navigator.credentials.get()` takes, the same for everybody: which passkey it is the authenticator finds.',
    answers: { 200: PasskeyOptions },
    problems: CROSS_SITE,
  })
  async begin(@Req() request: FastifyRequest): Promise<PasskeyOptionsView> {
    return optionsView(
      await this.upstream.call(requestContextOf(request), UPSTREAM_TIMEOUT_MS.write, (options) =>
        this.passkeys.beginLogin({}, options),
      ),
    );
  }

  @Post('passkeys/login')
  @HttpCode(200)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Sign in with a passkey alone, and open a session',
    description: 'Whatever is wrong with the credential or its challenge, the answer is the same.',
    answers: { 200: IssuedToken },
    problems: { ...CROSS_SITE, 401: ['mfa_refused'], 429: ['too_many_attempts'] },
  })
  async logIn(
    @Body() { credential }: PasskeyLogin,
    @Headers('user-agent') header: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView> {
    const userAgent = presentedUserAgent(header);
    const assertion = assertionJson(credential);
    const deviceTokens = presentedDeviceTokens(request.headers.cookie);
    const { tokens } = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.write,
      (options) =>
        this.passkeys
          .loginByPasskey({ credential: assertion, userAgent, deviceTokens }, options)
          .catch(clientRefusal('mfa_refused')),
    );
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }

  @Post('mfa/passkey/options')
  @HttpCode(200)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Begin to complete a sign-in with a passkey',
    description: 'The answer of the authenticator is for `/auth/mfa/verify`.',
    answers: { 200: PasskeyOptions },
    problems: { ...CROSS_SITE, 401: ['mfa_refused'] },
  })
  async beginSecondFactor(
    @Body() { mfaToken }: PasskeySecondFactor,
    @Req() request: FastifyRequest,
  ): Promise<PasskeyOptionsView> {
    return optionsView(
      await this.upstream.call(requestContextOf(request), UPSTREAM_TIMEOUT_MS.write, (options) =>
        this.passkeys.beginSecondFactor({ mfaToken }, options).catch(clientRefusal('mfa_refused')),
      ),
    );
  }
}
