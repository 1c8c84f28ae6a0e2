import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerWithPage, clientAddressOf, showPage, showScript } from '../link-pages/link-pages';
import { linkScript } from '../link-pages/link-script';
import { CompromisedAccounts } from './compromised-accounts.service';
import { notMePage, securedPage } from './not-me.page';

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
    await showScript(reply, linkScript('button'));
  }

  @Get('not-me')
  @AllowCallers('gateway')
  @Public()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await showPage(reply, 200, notMePage());
  }

  @Post('not-me')
  @AllowCallers('gateway')
  @Public()
  async report(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const token = new URLSearchParams(await text(request.raw)).get('token') ?? '';
    await answerWithPage(
      reply,
      () => this.compromised.reportByLink(token, clientAddressOf(request)),
      { done: securedPage, refused: ({ error }) => notMePage({ token, error }) },
    );
  }
}
