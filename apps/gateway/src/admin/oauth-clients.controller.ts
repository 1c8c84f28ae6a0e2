import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { clientsV1 } from '@sallyport/contracts';
import { RequireAuthentication, RequireScopes } from '@sallyport/nest-zero-trust';
import { STRONG } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { LimitAs } from '../rate-limits/route-class';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { OAUTH_CLIENT_CLIENT, type OauthClientClient } from '../upstream/upstream-clients';
import { KeyReplacement, NewOauthClient, SecretRotation } from './oauth-client.dtos';
import {
  DisabledOauthClient,
  GivenClientSecret,
  OauthClient,
  OauthClientList,
  oauthClientView,
  type DisabledOauthClientView,
  type GivenClientSecretView,
  type OauthClientView,
} from './oauth-client.view';

const { ClientKind } = clientsV1;

const KINDS = {
  spa: ClientKind.CLIENT_KIND_SPA,
  native: ClientKind.CLIENT_KIND_NATIVE,
  web: ClientKind.CLIENT_KIND_WEB,
  machine: ClientKind.CLIENT_KIND_MACHINE,
} as const;

const UNKNOWN_CLIENT = { 404: ['oauth_client_not_found'] } as const;

/** The authorization server's clients, for operators. */
@ApiTags('admin')
@Controller('admin/oauth-clients')
@LimitAs('admin')
export class OauthClientsController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(OAUTH_CLIENT_CLIENT) private readonly clients: OauthClientClient,
  ) {}

  @Get()
  @RequireScopes('clients:manage')
  @Describe({
    summary: 'List the OAuth clients, the newest first',
    answers: { 200: OauthClientList },
  })
  async list(@CurrentRequest() context: RequestContext): Promise<{ items: OauthClientView[] }> {
    const { clients } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.clients.listClients({}, options),
    );
    return { items: clients.map((client) => oauthClientView(client, 'clients')) };
  }

  @Post()
  @HttpCode(201)
  @Header('cache-control', 'no-store')
  @RequireScopes('clients:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Register an OAuth client; its secret is shown this once',
    answers: { 201: GivenClientSecret },
    problems: {
      400: [
        'oauth_client_id_invalid',
        'oauth_client_name_invalid',
        'oauth_redirect_uri_invalid',
        'oauth_client_metadata_invalid',
      ],
      409: ['oauth_client_exists'],
    },
  })
  async create(
    @Body() wanted: NewOauthClient,
    @CurrentRequest() context: RequestContext,
  ): Promise<GivenClientSecretView> {
    const { type, jwks, authMethod = '', ...same } = wanted;
    const { backchannelLogoutUri = '', certificateName = '' } = wanted;
    const { client, secret } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) =>
        this.clients.createClient(
          {
            ...same,
            ...{ authMethod, backchannelLogoutUri, certificateName },
            kind: KINDS[type],
            jwksJson: jwks === undefined ? '' : JSON.stringify(jwks),
          },
          options,
        ),
    );
    return { client: oauthClientView(client, 'client'), secret: secret === '' ? null : secret };
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @RequireScopes('clients:manage')
  @RequireAuthentication(STRONG)
  @ApiBody({ type: SecretRotation, required: false })
  @Describe({
    summary: 'Give an OAuth client another secret, shown this once',
    answers: { 200: GivenClientSecret },
    problems: { ...UNKNOWN_CLIENT, 409: ['oauth_client_has_no_secret'] },
  })
  async rotateSecret(
    @Param('id') clientId: string,
    @Body() { overlapSeconds }: SecretRotation,
    @CurrentRequest() context: RequestContext,
  ): Promise<GivenClientSecretView> {
    const { client, secret } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.clients.rotateClientSecret({ clientId, overlapSeconds }, options),
    );
    return { client: oauthClientView(client, 'client'), secret };
  }

  /** For an overlap both the old and the new key are listed. */
  @Post(':id/replace-keys')
  @HttpCode(200)
  @RequireScopes('clients:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'List other public keys of an OAuth client',
    answers: { 200: OauthClient },
    problems: { ...UNKNOWN_CLIENT, 400: ['oauth_client_metadata_invalid'] },
  })
  async replaceKeys(
    @Param('id') clientId: string,
    @Body() { jwks }: KeyReplacement,
    @CurrentRequest() context: RequestContext,
  ): Promise<OauthClientView> {
    const jwksJson = JSON.stringify(jwks);
    const { client } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.clients.replaceClientKeys({ clientId, jwksJson }, options),
    );
    return oauthClientView(client, 'client');
  }

  @Post(':id/disable')
  @HttpCode(200)
  @RequireScopes('clients:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Keep an OAuth client from getting anything, and end all it holds',
    answers: { 200: DisabledOauthClient },
    problems: UNKNOWN_CLIENT,
  })
  async disable(
    @Param('id') clientId: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<DisabledOauthClientView> {
    const { client, endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.clients.disableClient({ clientId }, options),
    );
    return { client: oauthClientView(client, 'client'), endedSessions };
  }

  @Post(':id/enable')
  @HttpCode(200)
  @RequireScopes('clients:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Let an OAuth client work again',
    answers: { 200: OauthClient },
    problems: UNKNOWN_CLIENT,
  })
  async enable(
    @Param('id') clientId: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<OauthClientView> {
    const { client } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.clients.enableClient({ clientId }, options),
    );
    return oauthClientView(client, 'client');
  }
}
