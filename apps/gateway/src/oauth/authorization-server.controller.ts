import { Controller, Get, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { RouteConstraints } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PUBLIC_ORIGIN } from '../app.tokens';
import { SameOriginGuard } from '../auth/same-origin.guard';
import { AcceptsForm } from '../listener/accepts-form.decorator';
import { problem } from '../problems/problem';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { AUTHORIZATION_SERVER, type ReachesAuthorizationServer } from './authorization-server';
import { forwardedRequest, passBack } from './forwarding';

/**
 * The public face of the authorization server. Each of its endpoints is named here: what is not stays unreachable. They
 * are described by the discovery document and by the standards, not by this API's own document.
 */
@Controller()
@ApiExcludeController()
export class AuthorizationServerController {
  readonly #publicHost: string;

  constructor(
    @Inject(AUTHORIZATION_SERVER) private readonly server: ReachesAuthorizationServer,
    @Inject(PUBLIC_ORIGIN) publicOrigin: string,
  ) {
    this.#publicHost = new URL(publicOrigin).host;
  }

  @Get([
    '.well-known/openid-configuration',
    '.well-known/oauth-authorization-server',
    'oauth2/authorize',
    'oauth2/authorize/:uid',
    'oauth2/interaction/:uid',
    'oauth2/userinfo',
    'oauth2/logout',
    'oauth2/logout/success',
    'oauth2/style.css',
  ])
  @Public()
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
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

  @Post(['oauth2/authorize', 'oauth2/par', 'oauth2/logout'])
  @Public()
  @AcceptsForm()
  @LimitAs('session')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** The token is in the header: a form could carry a second one (RFC 6750 section 2.2). */
  @Post('oauth2/userinfo')
  @Public()
  userinfo(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** Where a password or a code is tried. */
  @Post(['oauth2/interaction/:uid/login', 'oauth2/interaction/:uid/code'])
  @Public()
  @AcceptsForm()
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  signIn(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  /** What people do on its pages: no other site's page may do it for them. */
  @Post([
    'oauth2/interaction/:uid/consent',
    'oauth2/interaction/:uid/abort',
    'oauth2/logout/confirm',
  ])
  @Public()
  @AcceptsForm()
  @LimitAs('session')
  @UseGuards(SameOriginGuard)
  decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.forward(request, reply);
  }

  private async forward(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const forwarded = forwardedRequest(request, requestContextOf(request), this.#publicHost);
    const answer = await this.server.forward(forwarded).catch((cause: unknown) => {
      throw problem('dependency_unavailable', { cause, retryAfterSeconds: 2 });
    });
    passBack(reply, answer);
  }
}
