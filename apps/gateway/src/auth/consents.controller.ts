import { Controller, Delete, Get, HttpCode, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import { Describe } from '../docs/describe.decorator';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { AUTH_CLIENT, type AuthClient } from '../upstream/upstream-clients';
import { ConsentList, consentView, type ConsentView } from './consent.view';

/** What the calling user allowed OAuth clients: to look at, and to withdraw. No client sees or changes it. */
@ApiTags('auth')
@Controller('auth/consents')
export class ConsentsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(AUTH_CLIENT) private readonly auth: AuthClient,
  ) {}

  @Get()
  @RequireSession()
  @Describe({
    summary: 'List the OAuth clients that one allowed something, the most recently used first',
    answers: { 200: ConsentList },
  })
  async list(@CurrentRequest() context: RequestContext): Promise<{ items: ConsentView[] }> {
    const { consents } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.auth.listConsents({}, options),
    );
    return { items: consents.map(consentView) };
  }

  @Delete(':clientId')
  @HttpCode(204)
  @RequireSession()
  @Describe({
    summary: 'Withdraw what one allowed an OAuth client, and end what it holds',
    answers: { 204: null },
    problems: { 404: ['consent_not_found'] },
  })
  async withdraw(
    @Param('clientId') clientId: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.auth.withdrawConsent({ clientId }, options),
    );
  }
}
