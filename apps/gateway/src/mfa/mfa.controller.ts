import { Body, Controller, Delete, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireSession } from '@sallyport/nest-zero-trust';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { RECENT } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { MFA_CLIENT, type MfaClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { Factors, type FactorsView, factorView } from './factor.view';
import {
  FactorRemoval,
  RecoveryCodes,
  type RecoveryCodesView,
  TotpConfirmation,
  TotpKey,
  type TotpKeyView,
} from './mfa.dtos';

/** Also when another change came first, or the session has ended. */
const refusedChange = clientRefusal('invalid_credentials', 'mfa_refused');

/** The calling user's second factors. Each change takes somebody who has just authenticated, with all they have. */
@ApiTags('auth')
@Controller('auth/mfa')
export class MfaController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(MFA_CLIENT) private readonly mfa: MfaClient,
  ) {}

  @Get()
  @RequireSession()
  @Describe({ summary: 'List the own second factors', answers: { 200: Factors } })
  async list(@CurrentRequest() context: RequestContext): Promise<FactorsView> {
    const { factors, recoveryCodesLeft } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.read,
      (options) => this.mfa.listFactors({}, options),
    );
    return { factors: factors.map(factorView), recoveryCodesLeft };
  }

  @Post('totp')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Begin to enrol an authenticator app',
    description: 'Nothing changes until it is confirmed; one in use then gives way.',
    answers: { 200: TotpKey },
    problems: CROSS_SITE,
  })
  async begin(@CurrentRequest() context: RequestContext): Promise<TotpKeyView> {
    return this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.mfa.beginTotp({}, options),
    );
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Confirm an authenticator app by a code of it',
    description: 'Ends the other sessions, and answers with the recovery codes, once.',
    answers: { 200: RecoveryCodes },
    problems: { ...CROSS_SITE, 401: ['mfa_refused'], 429: ['too_many_attempts'] },
  })
  async confirm(
    @Body() { code }: TotpConfirmation,
    @CurrentRequest() context: RequestContext,
  ): Promise<RecoveryCodesView> {
    return this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa.confirmTotp({ code }, options).catch(refusedChange),
    );
  }

  @Delete('totp')
  @HttpCode(204)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Remove the authenticator app and the recovery codes',
    description: 'Ends the other sessions. The last second factor takes the password as well.',
    answers: { 204: null },
    problems: {
      ...CROSS_SITE,
      401: ['invalid_credentials', 'mfa_refused'],
      429: ['too_many_attempts', 'server_busy'],
      404: ['factor_not_found'],
      409: ['factor_required', 'password_required', 'longer_password_required'],
    },
  })
  async remove(
    @Body() { password }: FactorRemoval,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa.removeTotp({ password }, options).catch(refusedChange),
    );
  }

  @Post('recovery-codes')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Get another set of recovery codes; those of before stop working',
    description: 'Ends the other sessions.',
    answers: { 200: RecoveryCodes },
    problems: { ...CROSS_SITE, 401: ['mfa_refused'], 404: ['factor_not_found'] },
  })
  async regenerate(@CurrentRequest() context: RequestContext): Promise<RecoveryCodesView> {
    return this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa.regenerateRecoveryCodes({}, options).catch(refusedChange),
    );
  }
}
