import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { send } from '../page-replies';
import { accountFormOf } from './account-form';
import { PasskeysPageService } from './passkeys-page.service';

/** The account page's passkeys, on the internal HTTPS face; browsers reach it through the gateway. */
@Controller('oauth2/account/passkeys')
export class PasskeysPageController {
  constructor(private readonly page: PasskeysPageService) {}

  @Get('new')
  @AllowCallers('gateway')
  @Public()
  async begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(reply, await this.page.begin(request.headers.cookie));
  }

  @Post()
  @AllowCallers('gateway')
  @Public()
  async enrol(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(reply, await this.page.enrol(await accountFormOf(request)));
  }

  @Post('rename')
  @AllowCallers('gateway')
  @Public()
  async rename(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(reply, await this.page.rename(await accountFormOf(request)));
  }

  @Post('remove')
  @AllowCallers('gateway')
  @Public()
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(reply, await this.page.remove(await accountFormOf(request)));
  }
}
