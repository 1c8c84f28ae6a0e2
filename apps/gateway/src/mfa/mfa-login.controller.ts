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
import { assertionJson } from '../passkeys/passkey.dtos';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { MFA_CLIENT, type MfaClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { MfaVerification } from './mfa.dtos';

/** Completes a sign-in whose password was right and not enough. */
@ApiTags('auth')
@Controller('auth/mfa')
@UseGuards(SameOriginGuard)
export class MfaLoginController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(MFA_CLIENT) private readonly mfa: MfaClient,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly known: KnownCredentials,
  ) {}

  @Post('verify')
  @HttpCode(200)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Complete a sign-in with a code or a passkey, and open a session',
    description:
      'Whatever is wrong with challenge or code, the answer is the same. After five codes the challenge is void.',
    answers: { 200: IssuedToken },
    problems: { ...CROSS_SITE, 401: ['mfa_refused'], 429: ['too_many_attempts'] },
  })
  async verify(
    @Body() { mfaToken, method, code = '', credential }: MfaVerification,
    @Headers('user-agent') header: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView> {
    const userAgent = presentedUserAgent(header);
    const presented = credential ? assertionJson(credential) : code;
    const deviceTokens = presentedDeviceTokens(request.headers.cookie);
    const { tokens } = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.password,
      (options) =>
        this.mfa
          .completeLogin({ mfaToken, method, code: presented, userAgent, deviceTokens }, options)
          .catch(clientRefusal('mfa_refused')),
    );
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }
}
