import { Body, Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { FastifyRequest } from 'fastify';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { PasswordReset, PasswordResetRequest } from './auth.dtos';
import { REFUSED_PASSWORD } from './refused-passwords';
import { CROSS_SITE, SameOriginGuard } from './same-origin.guard';

/** For people who have forgotten their password. There is a page for it as well: `/auth/forgot`. */
@ApiTags('auth')
@Controller('auth/password-reset')
@UseGuards(SameOriginGuard)
@LimitAs('credentials')
export class PasswordResetController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
  ) {}

  /** The answer is given before anybody has looked whether there is an account. */
  @Post()
  @HttpCode(202)
  @Public()
  @Describe({
    summary: 'Have a link sent by which the password can be replaced',
    description:
      'The answer is the same whether or not the address has an account. The link works once, for 30 minutes, and ends the ones before it.',
    answers: { 202: null },
    problems: { ...CROSS_SITE, 429: ['too_many_attempts'] },
  })
  async request(
    @Body() { email }: PasswordResetRequest,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.upstream.call(requestContextOf(request), UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.auth.requestPasswordReset({ email }, options),
    );
  }

  /** Opens no session: the owner signs in with the new password. */
  @Post('confirm')
  @HttpCode(204)
  @Public()
  @Describe({
    summary: 'Replace the password by the code of a link',
    description:
      'Ends every session of the account. Every code that does not work gets the same answer; one whose new password is refused goes on working.',
    answers: { 204: null },
    problems: {
      ...CROSS_SITE,
      400: ['password_reset_refused', 'password_compromised', ...REFUSED_PASSWORD],
      429: ['server_busy'],
    },
  })
  async reset(
    @Body() { token, password: newPassword }: PasswordReset,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.upstream.call(requestContextOf(request), UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.auth.resetPassword({ token, newPassword }, options),
    );
  }
}
