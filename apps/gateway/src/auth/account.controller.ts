import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import { Describe } from '../docs/describe.decorator';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { required } from '../upstream/upstream-response';
import { Account, type AccountView, type CurrentSessionView } from './auth.dtos';

/** The calling user's account. */
@ApiTags('auth')
@Controller('auth')
export class AccountController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
  ) {}

  @Get('me')
  @RequireSession()
  @Describe({
    summary: 'Read the own account, and what is known of the session',
    answers: { 200: Account },
    problems: { 404: ['account_not_found'] },
  })
  async me(@CurrentRequest() context: RequestContext): Promise<AccountView> {
    const { id, email, scopes, createdAt } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.read,
      (options) => this.auth.getAccount({}, options),
    );
    return {
      id,
      email,
      scopes,
      createdAt: required(createdAt, 'created_at').toISOString(),
      session: sessionOf(context.principal),
    };
  }
}

function sessionOf(principal: Principal | undefined): CurrentSessionView {
  const { sessionId, acr, authTime } = principal ?? {};
  return {
    ...(sessionId !== undefined && { id: sessionId }),
    ...(acr !== undefined && { acr }),
    ...(authTime !== undefined && { authenticatedAt: new Date(authTime * 1000).toISOString() }),
  };
}
