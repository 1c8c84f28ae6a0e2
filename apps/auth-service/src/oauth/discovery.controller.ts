import { Controller, Get, Req, Res } from '@nestjs/common';
import { AllowCallers, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuthorizationServer } from './authorization-server';

/** The authorization server's metadata (OpenID Connect Discovery 1.0, RFC 8414), on the internal HTTPS face. */
@Controller('.well-known')
export class DiscoveryController {
  constructor(private readonly server: AuthorizationServer) {}

  @Get(['openid-configuration', 'oauth-authorization-server'])
  @AllowCallers('gateway')
  @Public()
  async metadata(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.server.handle(request.raw, reply);
  }
}
