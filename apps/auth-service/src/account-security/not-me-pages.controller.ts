import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public, ServiceError } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { linkScript } from '../mail/link-script';
import { header } from '../oauth/page-replies';
import { LINK_PAGE_HEADERS } from '../oauth/pages/link-page-headers';
import { CompromisedAccounts } from './compromised-accounts.service';
import { notMePage, securedPage } from './not-me.page';

const CODE_REFUSED = 'This code does not work: it was used, has run out, or is not whole.';
const NOT_NOW = 'This does not work right now. Try again in a moment.';

/**
 * The page where the link of a notice leads, on the internal HTTPS face; browsers reach it through the gateway. Opening it
 * does nothing, so that what scans mail may.
 */
@Controller('auth')
export class NotMePagesController {
  constructor(private readonly compromised: CompromisedAccounts) {}

  @Get('not-me.js')
  @AllowCallers('gateway')
  @Public()
  async script(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/javascript; charset=utf-8')
      .send(linkScript('button'));
  }

  @Get('not-me')
  @AllowCallers('gateway')
  @Public()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await answer(reply, 200, notMePage());
  }

  @Post('not-me')
  @AllowCallers('gateway')
  @Public()
  async report(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const token = new URLSearchParams(await text(request.raw)).get('token') ?? '';
    try {
      await this.compromised.reportByLink(token, header(request, 'x-client-address'));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const [status, words] =
        error.status === 'UNAVAILABLE' ? ([503, NOT_NOW] as const) : ([400, CODE_REFUSED] as const);
      return answer(reply, status, notMePage({ token, error: words }));
    }
    return answer(reply, 200, securedPage());
  }
}

async function answer(reply: FastifyReply, status: number, page: string): Promise<void> {
  await reply.status(status).headers(LINK_PAGE_HEADERS).type('text/html; charset=utf-8').send(page);
}
