import { Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { FastifyRequest } from 'fastify';
import { Describe } from '../docs/describe.decorator';
import { AcceptsForm } from '../listener/accepts-form.decorator';
import { ServedOn } from '../listener/served-on.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { presentedTokenToRevoke, RevocationRequest } from './revocation-request';
import { RevocationRequestGuard } from './revocation-request.guard';

/** Token revocation (RFC 7009) for the tokens this system gives its own users. */
@ApiTags('oauth2')
@Controller('oauth2')
export class TokenRevocationController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
  ) {}

  /** Whoever has a token may end it: it would work for them otherwise. The answer does not tell whether there was one. */
  @Post('revoke')
  @HttpCode(200)
  @Public()
  @ServedOn('public', 'partner')
  @LimitAs('session')
  @AcceptsForm()
  @UseGuards(RevocationRequestGuard)
  @ApiBody({ type: RevocationRequest })
  @Describe({
    summary: 'Revoke an access token, or the session of a refresh token (RFC 7009)',
    description:
      'Having the token is the authorisation; no other credential is taken beside it. The answer is the same for every token, known or not.',
    answers: { 200: null },
  })
  async revoke(@Req() request: FastifyRequest): Promise<void> {
    // Never empty: the guard has seen it.
    const token = presentedTokenToRevoke(request.body) ?? '';
    await this.upstream.call(requestContextOf(request), UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.auth.revokeToken({ token }, options),
    );
  }
}
