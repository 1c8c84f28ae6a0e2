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
import { clientRefusal } from '../upstream/upstream-problem';
import { Credentials, IssuedToken, Registration, type IssuedTokenView } from './auth.dtos';
import { handOverTokens } from './hand-over-tokens';
import { CLEARED_REFRESH_COOKIE, presentedRefreshToken } from './refresh-cookie';
import { RefreshCookieGuard } from './refresh-cookie.guard';
import { REFUSED_PASSWORD } from './refused-passwords';
import { CROSS_SITE, SameOriginGuard } from './same-origin.guard';
import { mfaRequired } from '../mfa/mfa-required';
import { presentedUserAgent } from './user-agent';

/** Opens, prolongs and ends the session of a client, which holds its refresh token in a cookie. */
@ApiTags('auth')
@Controller('auth')
@UseGuards(SameOriginGuard)
export class SessionsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly known: KnownCredentials,
  ) {}

  /** Creates an account and opens its first session; or has a mail sent, and tells nobody whether there was an account. */
  @Post('register')
  @HttpCode(201)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Create an account and open its first session, or have a mail sent to confirm it',
    description:
      'Where registrations are confirmed by mail, the answer is 202 whether or not the address has an account; `POST /auth/register/confirm` opens it.',
    answers: { 201: IssuedToken, 202: null },
    problems: {
      ...CROSS_SITE,
      400: ['email_invalid', ...REFUSED_PASSWORD],
      409: ['registration_refused'],
      429: ['too_many_attempts', 'server_busy'],
    },
  })
  async register(
    @Body() { email, password = '' }: Registration,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView | undefined> {
    const userAgent = presentedUserAgent(request.headers['user-agent']);
    const { tokens } = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.password,
      (options) => this.auth.register({ email, password, userAgent }, options),
    );
    if (tokens === undefined) {
      reply.code(202);
      return undefined;
    }
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }

  /** Opens a session; where there is a second factor, answers with a challenge instead. */
  @Post('login')
  @HttpCode(200)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Open a session',
    description:
      'Where there is a second factor, the right password is answered with `mfa_required`, `mfaToken` and `methods`.',
    answers: { 200: IssuedToken },
    problems: {
      ...CROSS_SITE,
      401: ['invalid_credentials', 'mfa_required'],
      429: ['too_many_attempts', 'server_busy'],
    },
  })
  async login(
    @Body() { email, password }: Credentials,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView> {
    const userAgent = presentedUserAgent(request.headers['user-agent']);
    const { tokens, mfaChallenge } = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.password,
      (options) =>
        this.auth
          .login({ email, password, userAgent }, options)
          .catch(clientRefusal('invalid_credentials')),
    );
    if (mfaChallenge !== undefined) throw mfaRequired(mfaChallenge);
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }

  /** Exchanges the refresh token for its successor. A refusal leaves the cookie alone: another tab may have won. */
  @Post('refresh')
  @HttpCode(200)
  @Public()
  @LimitAs('session')
  @UseGuards(RefreshCookieGuard)
  @Describe({
    summary: 'Exchange the refresh cookie for its successor and a new access token',
    answers: { 200: IssuedToken },
    problems: { ...CROSS_SITE, 401: ['invalid_grant'] },
  })
  async refresh(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedTokenView> {
    // Never empty: the guard has seen it.
    const refreshToken = presentedRefreshToken(request.headers.cookie) ?? '';
    const userAgent = presentedUserAgent(request.headers['user-agent']);
    const { tokens } = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.write,
      (options) =>
        this.auth
          .refresh({ refreshToken, userAgent }, options)
          .catch(clientRefusal('invalid_grant')),
    );
    return handOverTokens(tokens, reply, this.clock(), this.known);
  }

  /** Ends the session of the cookie, if there is one. */
  @Post('logout')
  @HttpCode(204)
  @Public()
  @LimitAs('session')
  @Describe({
    summary: 'End the session of the refresh cookie',
    answers: { 204: null },
    problems: CROSS_SITE,
  })
  async logout(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const refreshToken = presentedRefreshToken(request.headers.cookie);
    if (refreshToken !== undefined) {
      await this.upstream.call(requestContextOf(request), UPSTREAM_TIMEOUT_MS.write, (options) =>
        this.auth.logout({ refreshToken }, options),
      );
    }
    reply.header('set-cookie', CLEARED_REFRESH_COOKIE);
  }
}
