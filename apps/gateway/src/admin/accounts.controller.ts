import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireScopes } from '@sallyport/nest-zero-trust';
import { STRONG } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import {
  API_KEYS_CLIENT,
  OPERATOR_CLIENT,
  type ApiKeysClient,
  type OperatorClient,
} from '../upstream/upstream-clients';
import {
  AccountReference,
  EndedAccountSessions,
  RevokedAccountApiKeys,
  UnlockedAccount,
  type EndedAccountSessionsView,
  type RevokedAccountApiKeysView,
  type UnlockedAccountView,
} from './account.dtos';

const UNKNOWN_ACCOUNT = { 404: ['account_not_found'] } as const;

/** The accounts of others, for operators. */
@ApiTags('admin')
@Controller('admin/accounts')
@LimitAs('admin')
export class AccountsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(OPERATOR_CLIENT) private readonly operators: OperatorClient,
    @Inject(API_KEYS_CLIENT) private readonly apiKeys: ApiKeysClient,
  ) {}

  @Post('lock')
  @HttpCode(200)
  @RequireScopes('accounts:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Keep an account from signing in, and end all it holds',
    answers: { 200: EndedAccountSessions },
    problems: UNKNOWN_ACCOUNT,
  })
  async lock(
    @Body() { account }: AccountReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<EndedAccountSessionsView> {
    const { id, endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.operators.lockAccount({ account }, options),
    );
    return { id, endedSessions };
  }

  @Post('unlock')
  @HttpCode(200)
  @RequireScopes('accounts:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Let an account sign in again',
    answers: { 200: UnlockedAccount },
    problems: UNKNOWN_ACCOUNT,
  })
  async unlock(
    @Body() { account }: AccountReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<UnlockedAccountView> {
    const { id } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.operators.unlockAccount({ account }, options),
    );
    return { id };
  }

  @Post('end-sessions')
  @HttpCode(200)
  @RequireScopes('accounts:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'End all sessions and tokens of an account',
    answers: { 200: EndedAccountSessions },
    problems: UNKNOWN_ACCOUNT,
  })
  async endSessions(
    @Body() { account }: AccountReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<EndedAccountSessionsView> {
    const { id, endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.operators.endAccountSessions({ account }, options),
    );
    return { id, endedSessions };
  }

  @Post('revoke-api-keys')
  @HttpCode(200)
  @RequireScopes('accounts:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Revoke all API keys of an account',
    answers: { 200: RevokedAccountApiKeys },
    problems: UNKNOWN_ACCOUNT,
  })
  async revokeApiKeys(
    @Body() { account }: AccountReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<RevokedAccountApiKeysView> {
    const { id, revokedKeys } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.apiKeys.revokeAccountApiKeys({ account }, options),
    );
    return { id, revoked: revokedKeys };
  }

  @Post('delete')
  @HttpCode(200)
  @RequireScopes('accounts:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Remove an account, and end all it holds',
    answers: { 200: EndedAccountSessions },
    problems: UNKNOWN_ACCOUNT,
  })
  async delete(
    @Body() { account }: AccountReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<EndedAccountSessionsView> {
    const { id, endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.operators.deleteAccount({ account }, options),
    );
    return { id, endedSessions };
  }
}
