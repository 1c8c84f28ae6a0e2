import { text } from 'node:stream/consumers';
import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public, TakesClientCertificate } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentedDevices } from '../devices/device-cookie';
import { userAgentOf } from '../sessions/user-agent';
import { AuthorizationServer } from './authorization-server';
import { enteredCodeOf } from './entered-code';
import { InteractionsService } from './interactions.service';
import { answerWith, header, send } from './page-replies';
import { signOutAgainPage } from './pages/logout.page';
import { PASSKEY_SCRIPT } from './pages/passkey.script';
import { STYLE } from './pages/style';
import { presentedPasskeyOf } from './presented-passkey';
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

  @Get('passkey.js')
  @AllowCallers('gateway')
  @Public()
  async passkeyScript(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/javascript; charset=utf-8')
      .send(PASSKEY_SCRIPT);
  }

  @Get('interaction/:uid')
  @AllowCallers('gateway')
  @Public()
  async interaction(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answerWith(reply, () => this.interactions.show(exchange(request, reply)));
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
      userAgent: userAgentOf(header(request, 'user-agent') ?? ''),
      deviceTokens: presentedDevices(request.headers.cookie),
    };
    await answerWith(reply, () => this.interactions.signIn(exchange(request, reply), presented));
  }

  @Post('interaction/:uid/passkey')
  @AllowCallers('gateway')
  @Public()
  async usePasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const presented = presentedPasskeyOf(request, new URLSearchParams(await text(request.raw)));
    const given = exchange(request, reply);
    await answerWith(reply, () => this.interactions.usePasskey(given, presented));
  }

  @Post('interaction/:uid/code')
  @AllowCallers('gateway')
  @Public()
  async enterCode(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const presented = enteredCodeOf(request, new URLSearchParams(await text(request.raw)));
    await answerWith(reply, () => this.interactions.enterCode(exchange(request, reply), presented));
  }

  @Post('interaction/:uid/consent')
  @AllowCallers('gateway')
  @Public()
  async consent(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const clientAddress = header(request, 'x-client-address');
    const given = exchange(request, reply);
    await answerWith(reply, () => this.interactions.consent(given, clientAddress));
  }

  @Post('interaction/:uid/switch')
  @AllowCallers('gateway')
  @Public()
  async switchAccount(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answerWith(reply, () => this.interactions.switchAccount(exchange(request, reply)));
  }

  @Post('interaction/:uid/abort')
  @AllowCallers('gateway')
  @Public()
  async abort(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await answerWith(reply, () => this.interactions.abort(exchange(request, reply)));
  }

  @Get(['authorize', 'authorize/:uid', 'logout', 'logout/success'])
  @AllowCallers('gateway')
  @Public()
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.server.handle(request.raw, reply);
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
      await send(reply, { status: 200, page });
      return;
    }
    delete raw.headers['content-type'];
    Object.assign(raw, { method: 'GET', url: `/oauth2/logout?${form.toString()}` });
    await this.server.handle(raw, reply);
  }

  @Get('userinfo')
  @AllowCallers('gateway')
  @Public()
  @TakesClientCertificate()
  async userinfo(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.get(request, reply);
  }

  /** Where clients authenticate, and where what they present may be bound to their certificate. */
  @Post(['token', 'par', 'introspect', 'userinfo'])
  @AllowCallers('gateway')
  @Public()
  @TakesClientCertificate()
  async ofClient(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.post(request, reply);
  }

  @Post('logout/confirm')
  @AllowCallers('gateway')
  @Public()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.server.handle(request.raw, reply);
  }
}

function exchange(request: FastifyRequest, reply: FastifyReply) {
  const { uid = '' } = request.params as { readonly uid?: string };
  return { uid, request: request.raw, response: reply.raw };
}
