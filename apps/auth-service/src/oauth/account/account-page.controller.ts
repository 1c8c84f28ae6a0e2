import { Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { presentedDevices } from '../../devices/device-cookie';
import { userAgentOf } from '../../sessions/user-agent';
import { header, send } from '../page-replies';
import { presentedPasskeyOf } from '../presented-passkey';
import { enteredCodeOf } from '../entered-code';
import { accountFormOf } from './account-form';
import { AccountPageService } from './account-page.service';

/** The account page, on the internal HTTPS face; browsers reach it through the gateway. */
@Controller('oauth2/account')
export class AccountPageController {
  constructor(private readonly page: AccountPageService) {}

  @Get()
  @AllowCallers('gateway')
  @Public()
  async show(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('done') done: unknown,
  ): Promise<void> {
    const said = typeof done === 'string' ? done : undefined;
    await send(reply, await this.page.show(request.headers.cookie, said));
  }

  @Post('login')
  @AllowCallers('gateway')
  @Public()
  async signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { cookies, fields, clientAddress } = await accountFormOf(request);
    const email = fields.get('email') ?? '';
    const password = fields.get('password') ?? '';
    const userAgent = userAgentOf(header(request, 'user-agent') ?? '');
    const deviceTokens = presentedDevices(cookies);
    const presented = { email, password, clientAddress, userAgent, deviceTokens };
    await send(reply, await this.page.signIn(cookies, presented));
  }

  @Post('code')
  @AllowCallers('gateway')
  @Public()
  async enterCode(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { cookies, fields } = await accountFormOf(request);
    await send(reply, await this.page.enterCode(cookies, enteredCodeOf(request, fields)));
  }

  @Post('passkey')
  @AllowCallers('gateway')
  @Public()
  async usePasskey(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { cookies, fields } = await accountFormOf(request);
    await send(reply, await this.page.usePasskey(cookies, presentedPasskeyOf(request, fields)));
  }

  @Post('withdraw')
  @AllowCallers('gateway')
  @Public()
  async withdraw(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(reply, await this.page.withdraw(await accountFormOf(request)));
  }

  @Post('end')
  @AllowCallers('gateway')
  @Public()
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(reply, await this.page.end(await accountFormOf(request)));
  }

  @Post('compromised')
  @AllowCallers('gateway')
  @Public()
  async reportCompromised(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await send(reply, await this.page.reportCompromised(await accountFormOf(request)));
  }
}
