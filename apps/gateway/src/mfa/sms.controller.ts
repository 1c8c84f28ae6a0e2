import { Body, Controller, Delete, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireSession } from '@sallyport/nest-zero-trust';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { RECENT } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { SMS_CLIENT, type SmsClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import {
  PhoneConfirmation,
  PhoneConfirmed,
  type PhoneConfirmedView,
  PhoneEnrolment,
  PhoneEnrolmentBegun,
  type PhoneEnrolmentBegunView,
  PhoneRemoval,
  SMS_RISK,
} from './sms.dtos';

const refusedProof = clientRefusal('invalid_credentials', 'mfa_refused');

/** The calling user's phone number as a second factor. */
@ApiTags('auth')
@Controller('auth/mfa/sms')
export class SmsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(SMS_CLIENT) private readonly sms: SmsClient,
  ) {}

  @Post()
  @HttpCode(202)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Begin to enrol a phone number: a code is sent to it',
    description: `${SMS_RISK}\n\nNothing changes until the number is confirmed; one that is in use stays so until then.`,
    answers: { 202: PhoneEnrolmentBegun },
    problems: {
      ...CROSS_SITE,
      400: ['phone_number_refused'],
      409: ['sms_not_offered'],
      429: ['too_many_attempts'],
    },
  })
  async begin(
    @Body() { phoneNumber, acceptsRisk }: PhoneEnrolment,
    @CurrentRequest() context: RequestContext,
  ): Promise<PhoneEnrolmentBegunView> {
    const begun = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.sms.beginPhone({ phoneNumber, acceptsRisk }, options),
    );
    return { phoneNumber: begun.phoneNumber, expiresIn: begun.expiresIn };
  }

  @Post('confirm')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Confirm a phone number by the code that was sent to it',
    description:
      'Ends the other sessions. As the first factor it comes with recovery codes, answered once.',
    answers: { 200: PhoneConfirmed },
    problems: {
      ...CROSS_SITE,
      401: ['mfa_refused'],
      409: ['sms_not_offered'],
      429: ['too_many_attempts'],
    },
  })
  async confirm(
    @Body() { code }: PhoneConfirmation,
    @CurrentRequest() context: RequestContext,
  ): Promise<PhoneConfirmedView> {
    const { recoveryCodes } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.password,
      (options) => this.sms.confirmPhone({ code }, options).catch(refusedProof),
    );
    return recoveryCodes.length === 0 ? {} : { recoveryCodes };
  }

  @Delete()
  @HttpCode(204)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Remove the phone number',
    description: 'With the last factor the recovery codes go as well. Ends the other sessions.',
    answers: { 204: null },
    problems: {
      ...CROSS_SITE,
      401: ['invalid_credentials', 'mfa_refused'],
      404: ['factor_not_found'],
      409: ['factor_required', 'password_required', 'longer_password_required'],
      429: ['too_many_attempts', 'server_busy'],
    },
  })
  async remove(
    @Body() { password }: PhoneRemoval,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.sms.removePhone({ password }, options).catch(refusedProof),
    );
  }
}
