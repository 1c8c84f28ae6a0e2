import { Body, Controller, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLOCK } from '../app.tokens';
import { Describe } from '../docs/describe.decorator';
import { KnownCredentials } from '../rate-limits/known-credentials';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { IssuedToken, RegistrationConfirmation, type IssuedTokenView } from './auth.dtos';
import { presentedDeviceTokens } from './device-cookie';
import { handOverTokens } from './hand-over-tokens';
import { REFUSED_PASSWORD } from './refused-passwords';
import { CROSS_SITE, SameOriginGuard } from './same-origin.guard';
import { presentedUserAgent } from './user-agent';

/** For people who were sent a mail to confirm their registration. There is a page for it as well: `/auth/confirm`. */
@ApiTags('auth')
@Controller('auth/register/confirm')
@UseGuards(SameOriginGuard)
@LimitAs('credentials')
export class RegistrationConfirmationController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly known: KnownCredentials,
  ) {}

  /** The password is the one given here: whatever was sent when the mail was asked for, others may have chosen. */
  @Post()
  @HttpCode(201)
  @Public()
  @Describe({
    summary: 'Create the account by the code of a link, and open its first session',
    description:
      'Every code that does not work gets the same answer; one whose password is refused goes on working.',
    answers: { 201: IssuedToken },
    problems: {
      ...CROSS_SITE,
      400: ['registration_confirmation_refused', ...REFUSED_PASSWORD],
      429: ['server_busy'],
    },
  })
  async confirm(
    @Body() { token, password }: RegistrationConfirmation,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView> {
    const userAgent = presentedUserAgent(request.headers['user-agent']);
    const deviceTokens = presentedDeviceTokens(request.headers.cookie);
    const { tokens } = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.password,
      (options) =>
        this.auth.confirmRegistration({ token, password, userAgent, deviceTokens }, options),
    );
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }
}
