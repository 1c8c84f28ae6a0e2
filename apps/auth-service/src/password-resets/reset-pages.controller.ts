import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerWithPage, clientAddressOf, showPage, showScript } from '../link-pages/link-pages';
import { linkScript } from '../link-pages/link-script';
import { PasswordResetService } from './password-reset.service';
import { askedPage, forgotPage, resetDonePage, resetPage } from './reset.page';
import { ResetRequestsService } from './reset-requests.service';

/** The pages for people who have forgotten their password, on the internal HTTPS face; browsers reach them through the gateway. */
@Controller('auth')
export class ResetPagesController {
  constructor(
    private readonly requests: ResetRequestsService,
    private readonly resets: PasswordResetService,
  ) {}

  @Get('reset.js')
  @AllowCallers('gateway')
  @Public()
  async script(@Res() reply: FastifyReply): Promise<void> {
    await showScript(reply, linkScript('#password'));
  }

  @Get('forgot')
  @AllowCallers('gateway')
  @Public()
  async forgot(@Res() reply: FastifyReply): Promise<void> {
    await showPage(reply, 200, forgotPage());
  }

  @Post('forgot')
  @AllowCallers('gateway')
  @Public()
  async request(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    await answerWithPage(
      reply,
      () => this.requests.request(form.get('email') ?? '', clientAddressOf(request)),
      { done: askedPage, refused: ({ error }) => forgotPage(error) },
    );
  }

  @Get('reset')
  @AllowCallers('gateway')
  @Public()
  async reset(@Res() reply: FastifyReply): Promise<void> {
    await showPage(reply, 200, resetPage());
  }

  @Post('reset')
  @AllowCallers('gateway')
  @Public()
  async setPassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    const token = form.get('token') ?? '';
    const password = form.get('password') ?? '';
    const clientAddress = clientAddressOf(request);
    await answerWithPage(reply, () => this.resets.reset({ token, password, clientAddress }), {
      done: resetDonePage,
      refused: (refused) => resetPage({ token, refused }),
    });
  }
}
