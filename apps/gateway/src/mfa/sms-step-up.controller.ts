import { Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireSession } from '@sallyport/nest-zero-trust';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { SMS_CLIENT, type SmsClient } from '../upstream/upstream-clients';
import { SmsSent, type SmsSentView } from './sms.dtos';

/** Sends the code with which a session steps up. */
@ApiTags('auth')
@Controller('auth/step-up/sms')
@UseGuards(SameOriginGuard)
export class SmsStepUpController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(SMS_CLIENT) private readonly sms: SmsClient,
  ) {}

  @Post('send')
  @HttpCode(202)
  @RequireSession()
  @LimitAs('credentials')
  @Describe({
    summary: 'Have a code sent by text message, to step up with',
    description:
      'For `POST /auth/step-up` with the method `sms`, in this session alone; another one voids the one before. Limited as ' +
      'those of a sign-in are.',
    answers: { 202: SmsSent },
    problems: {
      ...CROSS_SITE,
      404: ['factor_not_found'],
      409: ['sms_not_offered'],
      429: ['too_many_attempts'],
    },
  })
  async send(@CurrentRequest() context: RequestContext): Promise<SmsSentView> {
    const sent = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.sms.sendStepUpCode({}, options),
    );
    const { phoneNumber, expiresIn, resendAfter } = sent;
    return { phoneNumber, expiresIn, resendAfter };
  }
}
