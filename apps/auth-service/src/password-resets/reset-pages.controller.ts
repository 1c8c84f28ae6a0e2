import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public, ServiceError } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LINK_PAGE_HEADERS } from '../oauth/pages/link-page-headers';
import { PasswordResetService } from './password-reset.service';
import { wordsFor } from './refusal-words';
import type { ShownRefusal } from './refusal-words';
import { askedPage, forgotPage, resetDonePage, resetPage } from './reset.page';
import { RESET_SCRIPT } from './reset.script';
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
    await reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/javascript; charset=utf-8')
      .send(RESET_SCRIPT);
  }

  @Get('forgot')
  @AllowCallers('gateway')
  @Public()
  async forgot(@Res() reply: FastifyReply): Promise<void> {
    await show(reply, 200, forgotPage());
  }

  @Post('forgot')
  @AllowCallers('gateway')
  @Public()
  async request(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    await this.answer(
      reply,
      () => this.requests.request(form.get('email') ?? '', clientAddressOf(request)),
      { done: askedPage, refused: ({ error }) => forgotPage(error) },
    );
  }

  @Get('reset')
  @AllowCallers('gateway')
  @Public()
  async reset(@Res() reply: FastifyReply): Promise<void> {
    await show(reply, 200, resetPage());
  }

  @Post('reset')
  @AllowCallers('gateway')
  @Public()
  async setPassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    const token = form.get('token') ?? '';
    const password = form.get('password') ?? '';
    const clientAddress = clientAddressOf(request);
    await this.answer(reply, () => this.resets.reset({ token, password, clientAddress }), {
      done: resetDonePage,
      refused: (refused) => resetPage({ token, refused }),
    });
  }

  private async answer(
    reply: FastifyReply,
    act: () => Promise<void>,
    pages: { readonly done: () => string; readonly refused: (refusal: ShownRefusal) => string },
  ): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const refusal = wordsFor(error);
      return show(reply, refusal.status, pages.refused(refusal));
    }
    return show(reply, 200, pages.done());
  }
}

async function show(reply: FastifyReply, status: number, page: string): Promise<void> {
  await reply.status(status).headers(LINK_PAGE_HEADERS).type('text/html; charset=utf-8').send(page);
}

/** As the gateway saw it. */
function clientAddressOf({ headers }: FastifyRequest): string | undefined {
  const value = headers['x-client-address'];
  return typeof value === 'string' ? value : undefined;
}
