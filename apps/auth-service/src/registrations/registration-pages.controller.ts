import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerWithPage, clientAddressOf, showPage } from '../link-pages/link-pages';
import { confirmedPage, confirmPage } from './confirm.page';
import { RegistrationConfirmationService } from './registration-confirmation.service';

/** The page of a registration's link, on the internal HTTPS face; browsers reach it through the gateway. */
@Controller('auth')
export class RegistrationPagesController {
  constructor(private readonly confirmations: RegistrationConfirmationService) {}

  @Get('confirm')
  @AllowCallers('gateway')
  @Public()
  async show(@Res() reply: FastifyReply): Promise<void> {
    await showPage(reply, 200, confirmPage());
  }

  /** Opens no session: no page of another site can have a visitor use an account of its own choice. */
  @Post('confirm')
  @AllowCallers('gateway')
  @Public()
  async confirm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    const token = form.get('token') ?? '';
    const password = form.get('password') ?? '';
    const clientAddress = clientAddressOf(request);
    await answerWithPage(
      reply,
      () => this.confirmations.confirm({ token, password, clientAddress }),
      { done: confirmedPage, refused: (refused) => confirmPage({ token, refused }) },
    );
  }
}
