import { Body, Controller, Delete, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { MFA_CLIENT, type MfaClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { Factors, type FactorsView, factorView } from './factor.view';
import {
  FactorProof,
  RecoveryCodes,
  type RecoveryCodesView,
  TotpConfirmation,
  TotpEnrolment,
  TotpKey,
  type TotpKeyView,
} from './mfa.dtos';

/** Each change takes the password, and a code where there is a factor: an access token alone changes nothing. */
const refusedProof = clientRefusal('invalid_credentials', 'mfa_refused');
const REFUSED = {
  ...CROSS_SITE,
  401: ['invalid_credentials', 'mfa_refused'],
  429: ['too_many_attempts', 'server_busy'],
} as const;

/** The calling user's second factors. */
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
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Begin to enrol an authenticator app',
    description:
      'Takes the password, and a code of the app in use where there is one. Nothing changes until the new one is confirmed.',
    answers: { 200: TotpKey },
    problems: REFUSED,
  })
  async begin(
    @Body() { password, method = 'totp', code = '' }: TotpEnrolment,
    @CurrentRequest() context: RequestContext,
  ): Promise<TotpKeyView> {
    return this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa.beginTotp({ password, method, code }, options).catch(refusedProof),
    );
  }

  @Post('totp/confirm')
  @HttpCode(200)
  @RequireSession()
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
      this.mfa.confirmTotp({ code }, options).catch(refusedProof),
    );
  }

  @Delete('totp')
  @HttpCode(204)
  @RequireSession()
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Remove the authenticator app and the recovery codes',
    description: 'Ends the other sessions.',
    answers: { 204: null },
    problems: {
      ...REFUSED,
      404: ['factor_not_found'],
      409: ['factor_required', 'password_required', 'longer_password_required'],
    },
  })
  async remove(
    @Body() { password, method = 'totp', code }: FactorProof,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa.removeTotp({ password, method, code }, options).catch(refusedProof),
    );
  }

  @Post('recovery-codes')
  @HttpCode(200)
  @RequireSession()
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Get another set of recovery codes; those of before stop working',
    description: 'Ends the other sessions.',
    answers: { 200: RecoveryCodes },
    problems: { ...REFUSED, 404: ['factor_not_found'] },
  })
  async regenerate(
    @Body() { password, method = 'totp', code }: FactorProof,
    @CurrentRequest() context: RequestContext,
  ): Promise<RecoveryCodesView> {
    return this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.mfa.regenerateRecoveryCodes({ password, method, code }, options).catch(refusedProof),
    );
  }
}
