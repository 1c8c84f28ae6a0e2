import { Controller, Get, Post, Req, Res, UseGuards } from '@nestjs/common';
import { RouteConstraints } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AcceptsForm } from '../listener/accepts-form.decorator';
import { ServedOn } from '../listener/served-on.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { AuthorizationServerForwarding } from './authorization-server.forwarding';
import { OwnPageGuard } from './own-page.guard';

/**
 * The public face of the authorization server. Each of its endpoints is named here: what is not stays unreachable. They
 * are described by the discovery document and by the standards, not by this API's own document.
 */
@Controller()
@ApiExcludeController()
export class AuthorizationServerController {
  constructor(private readonly server: AuthorizationServerForwarding) {}

  @Get([
    '.well-known/openid-configuration',
    '.well-known/oauth-authorization-server',
    'oauth2/authorize',
    'oauth2/authorize/:uid',
    'oauth2/interaction/:uid',
    'oauth2/logout',
    'oauth2/logout/success',
    'oauth2/account',
    'oauth2/account/passkeys/new',
    'oauth2/style.css',
    'oauth2/passkey.js',
    'auth/forgot',
    'auth/reset',
    'auth/reset.js',
    'auth/confirm',
    'auth/not-me',
    'auth/not-me.js',
  ])
  @Public()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** With a certificate of the connection, for tokens that are bound to it. */
  @Get('oauth2/userinfo')
  @Public()
  @ServedOn('public', 'partner')
  getUserinfo(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** Partners have a handler of their own for this path on their listener. */
  @Post('oauth2/token')
  @RouteConstraints({ listener: 'public' })
  @Public()
  @AcceptsForm()
  @LimitAs('session')
  token(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** Where clients authenticate, by a certificate as well. */
  @Post(['oauth2/par', 'oauth2/introspect'])
  @Public()
  @ServedOn('public', 'partner')
  @AcceptsForm()
  @LimitAs('session')
  ofClient(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  @Post(['oauth2/authorize', 'oauth2/logout'])
  @Public()
  @AcceptsForm()
  @LimitAs('session')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** The token is in the header: a form could carry a second one (RFC 6750 section 2.2). */
  @Post('oauth2/userinfo')
  @Public()
  @ServedOn('public', 'partner')
  userinfo(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** Where a password, a passkey or a code is tried. */
  @Post([
    'oauth2/interaction/:uid/login',
    'oauth2/interaction/:uid/passkey',
    'oauth2/interaction/:uid/code',
    'oauth2/account/login',
    'oauth2/account/passkey',
    'oauth2/account/code',
    'oauth2/account/passkeys',
    'oauth2/account/passkeys/remove',
  ])
  @Public()
  @AcceptsForm()
  @LimitAs('credentials')
  @UseGuards(OwnPageGuard)
  signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /**
   * What people do by the link of a mail: choose a new password, confirm their registration, say that it was not them. These
   * forms neither need nor set a cookie: a page of another site that submits one gains nothing over asking itself.
   */
  @Post(['auth/forgot', 'auth/reset', 'auth/confirm', 'auth/not-me'])
  @Public()
  @AcceptsForm()
  @LimitAs('credentials')
  recover(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** What people do on its pages: no other site's page may do it for them. */
  @Post([
    'oauth2/interaction/:uid/consent',
    'oauth2/interaction/:uid/switch',
    'oauth2/interaction/:uid/abort',
    'oauth2/account/withdraw',
    'oauth2/account/end',
    'oauth2/account/compromised',
    'oauth2/account/passkeys/rename',
    'oauth2/logout/confirm',
  ])
  @Public()
  @AcceptsForm()
  @LimitAs('session')
  @UseGuards(OwnPageGuard)
  decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  private forward(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.server.forward(request, reply);
  }
}
