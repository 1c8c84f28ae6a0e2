import { Controller, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { RouteConstraints } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { principalOf, Public } from '@sallyport/nest-zero-trust';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IssuedTokenView } from '../auth/auth.dtos';
import { AcceptsForm } from '../listener/accepts-form.decorator';
import { ServedOn } from '../listener/served-on.decorator';
import { AuthorizationServerForwarding } from '../oauth/authorization-server.forwarding';
import { LimitAs } from '../rate-limits/route-class';
import { requestContextOf } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { PARTNERS_CLIENT, type PartnersClient } from '../upstream/upstream-clients';
import { presentedCertificateOf } from './presented-certificate';
import { RecognisesPartners } from './recognises-partners.decorator';
import { tokenRefusal } from './token-refusal';
import { wantedScope } from './token-request';
import { TokenRequestGuard } from './token-request.guard';

/**
 * The token endpoint where certificates are presented (RFC 8705 sections 2 and 3). With that of a partner the request is
 * the partner's (RFC 6749 section 4.4): the certificate authenticates it, and the token is bound to it. With any other one
 * it is for the authorization server, which is told the certificate. Left out of the OpenAPI document, which is about the
 * public listener; docs/edge.md describes it.
 */
@Controller('oauth2')
@ApiExcludeController()
export class PartnerTokensController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(PARTNERS_CLIENT) private readonly partners: PartnersClient,
    private readonly authorizationServer: AuthorizationServerForwarding,
  ) {}

  @Post('token')
  @Public()
  @RecognisesPartners()
  @ServedOn('partner')
  @RouteConstraints({ listener: 'partner' })
  @LimitAs('session')
  @AcceptsForm()
  @UseGuards(TokenRequestGuard)
  async issue(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (principalOf(request) === undefined) {
      await this.authorizationServer.forward(request, reply);
      return;
    }
    const token = await this.tokenOfPartner(request);
    const neverStored = { 'cache-control': 'no-store', pragma: 'no-cache' };
    await reply.status(200).headers(neverStored).send(token);
  }

  private async tokenOfPartner(request: FastifyRequest): Promise<IssuedTokenView> {
    const scope = wantedScope(request.body);
    const { thumbprint = '', names = [] } = presentedCertificateOf(request.raw) ?? {};
    const certificate = { thumbprint, subjectAlternativeNames: [...names] };
    // The certificate asks, and auth-service resolves it anew: no principal goes along.
    const context = { ...requestContextOf(request), principal: undefined };
    const issued = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.partners.issuePartnerToken({ certificate, scope }, options).catch(tokenRefusal),
    );
    return {
      access_token: issued.accessToken,
      token_type: 'Bearer',
      expires_in: issued.expiresIn,
      scope: issued.scope,
    };
  }
}
