import { Body, Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { FastifyRequest } from 'fastify';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { SMS_CLIENT, type SmsClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { SmsOrder, SmsSent, type SmsSentView } from './sms.dtos';

/** Sends the code of a sign-in whose password was right. */
@ApiTags('auth')
@Controller('auth/mfa/sms')
@UseGuards(SameOriginGuard)
export class SmsLoginController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(SMS_CLIENT) private readonly sms: SmsClient,
  ) {}

  @Post('send')
  @HttpCode(202)
  @Public()
  @LimitAs('credentials')
  @Describe({
    summary: 'Have a code sent by text message, to complete a sign-in',
    description:
      'For accounts whose `methods` have `sms`. The code completes this sign-in alone; another one voids the one before. ' +
      'Limited by number, account and address: `Retry-After` says how long to wait.',
    answers: { 202: SmsSent },
    problems: {
      ...CROSS_SITE,
      401: ['mfa_refused'],
      409: ['sms_not_offered'],
      429: ['too_many_attempts'],
    },
  })
  async send(@Body() { mfaToken }: SmsOrder, @Req() request: FastifyRequest): Promise<SmsSentView> {
    const sent = await this.upstream.call(
      requestContextOf(request),
      UPSTREAM_TIMEOUT_MS.password,
      (options) =>
        this.sms.sendLoginCode({ mfaToken }, options).catch(clientRefusal('mfa_refused')),
    );
    const { phoneNumber, expiresIn, resendAfter } = sent;
    return { phoneNumber, expiresIn, resendAfter };
  }
}
