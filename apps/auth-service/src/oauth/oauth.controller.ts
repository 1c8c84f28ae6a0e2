import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthorizationServer } from './authorization-server';
import { InteractionsService } from './interactions.service';
import type { Shown } from './interactions.service';
import { signOutAgainPage } from './pages/logout.page';
import { pageHeaders } from './pages/page-headers';
import { STYLE } from './pages/style';
import { SIGNED_IN_COOKIE } from './provider-configuration';

/** A field of the form that was submitted once before. */
const FROM_HERE = 'from_here';

/** The authorization server's endpoints and pages, on the internal HTTPS face; browsers reach them through the gateway. */
@Controller('oauth2')
export class OauthController {
  constructor(
    private readonly server: AuthorizationServer,
    private readonly interactions: InteractionsService,
  ) {}

  @Get('style.css')
  @AllowCallers('gateway')
  @Public()
  async style(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('cache-control', 'public, max-age=3600').type('text/css').send(STYLE);
  }

  @Get('interaction/:uid')
  @AllowCallers('gateway')
  @Public()
  async interaction(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await show(reply, await this.interactions.show(exchange(request, reply)));
  }

  @Post('interaction/:uid/login')
  @AllowCallers('gateway')
  @Public()
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    const presented = {
      email: form.get('email') ?? '',
      password: form.get('password') ?? '',
      clientAddress: header(request, 'x-client-address'),
      userAgent: header(request, 'user-agent'),
    };
    await finish(reply, await this.interactions.signIn(exchange(request, reply), presented));
  }

  @Post('interaction/:uid/code')
  @AllowCallers('gateway')
  @Public()
  async enterCode(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    const presented = {
      method: form.get('method') ?? '',
      code: form.get('code') ?? '',
      startAgain: form.has('again'),
      clientAddress: header(request, 'x-client-address'),
      userAgent: header(request, 'user-agent'),
    };
    await finish(reply, await this.interactions.enterCode(exchange(request, reply), presented));
  }

  @Post('interaction/:uid/consent')
  @AllowCallers('gateway')
  @Public()
  async consent(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await finish(reply, await this.interactions.consent(exchange(request, reply)));
  }

  @Post('interaction/:uid/abort')
  @AllowCallers('gateway')
  @Public()
  async abort(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.interactions.abort(exchange(request, reply));
    reply.hijack();
  }

  @Get(['authorize', 'authorize/:uid', 'userinfo', 'logout', 'logout/success'])
  @AllowCallers('gateway')
  @Public()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    await this.server.handle(request.raw, reply.raw);
  }

  /** OpenID Connect has a form do what a URL does (Core §3.1.2.1); from here on it is a URL. */
  @Post('authorize')
  @AllowCallers('gateway')
  @Public()
  async authorize(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(request.raw));
    await reply.redirect(`/oauth2/authorize?${form.toString()}`, 303);
  }

  /**
   * Signing out by a form, which unlike a URL may carry an `id_token_hint` (RP-Initiated Logout 1.0 §2, R7). The form of another
   * site comes without the cookie of who is signed in (`SameSite=Lax`): the person is asked to submit it from here.
   */
  @Post('logout')
  @AllowCallers('gateway')
  @Public()
  async logout(@Req() { raw }: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = new URLSearchParams(await text(raw));
    const isFromHere = form.has(FROM_HERE) || raw.headers.cookie?.includes(SIGNED_IN_COOKIE);
    if (isFromHere !== true) {
      const page = signOutAgainPage([...form, [FROM_HERE, 'yes']]);
      await reply.status(200).headers(pageHeaders()).type('text/html; charset=utf-8').send(page);
      return;
    }
    reply.hijack();
    delete raw.headers['content-type'];
    Object.assign(raw, { method: 'GET', url: `/oauth2/logout?${form.toString()}` });
    await this.server.handle(raw, reply.raw);
  }

  @Post(['token', 'par', 'userinfo', 'logout/confirm'])
  @AllowCallers('gateway')
  @Public()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.hijack();
    await this.server.handle(request.raw, reply.raw);
  }
}

function exchange(request: FastifyRequest, reply: FastifyReply) {
  return { request: request.raw, response: reply.raw };
}

async function show(reply: FastifyReply, { status, page, redirectUri }: Shown): Promise<void> {
  await reply
    .status(status)
    .headers(pageHeaders(redirectUri))
    .type('text/html; charset=utf-8')
    .send(page);
}

/** Shows a page, or leaves a response alone that has been written. */
async function finish(reply: FastifyReply, shown: Shown | undefined): Promise<void> {
  if (shown === undefined) reply.hijack();
  else await show(reply, shown);
}

function header({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
