import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireSession } from '@sallyport/nest-zero-trust';
import { RECENT } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { API_KEYS_CLIENT, type ApiKeysClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import {
  ApiKeyList,
  ApiKeyRotation,
  IssuedApiKey,
  NewApiKey,
  RevokedApiKeys,
  type ApiKeyView,
  type IssuedApiKeyView,
  type RevokedApiKeysView,
} from './api-key.dtos';
import { apiKeyView, issuedApiKeyView } from './api-key.view';

const UNKNOWN_KEY = { 404: ['api_key_not_found'] } as const;

/** What auth-service says of a session that has ended since its token was issued, or that it cannot tell as one. */
const NOT_ITS_MAKER = ['session_ended', 'session_required'] as const;

/**
 * The calling user's API keys. Managing them takes a session: a key that leaked makes no further keys, and keeps nobody
 * from revoking it. Answers with a secret in them are not to be stored (`Cache-Control: no-store`), as no answer is.
 */
@ApiTags('api-keys')
@Controller('api-keys')
export class ApiKeysController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(API_KEYS_CLIENT) private readonly apiKeys: ApiKeysClient,
  ) {}

  @Post()
  @HttpCode(201)
  @RequireSession('api-keys:manage')
  @RequireAuthentication(RECENT)
  @Describe({
    summary: 'Make an API key',
    description: 'The answer is the only one with the whole key in it.',
    answers: { 201: IssuedApiKey },
    problems: {
      400: ['api_key_expiry_invalid', 'api_key_name_invalid', 'api_key_scopes_invalid'],
      401: ['session_ended'],
      403: ['scope_not_held'],
      429: ['too_many_api_keys'],
    },
  })
  async create(
    @Body() { name, scopes, expiresAt }: NewApiKey,
    @CurrentRequest() context: RequestContext,
  ): Promise<IssuedApiKeyView> {
    const wanted = {
      name,
      scopes,
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
    };
    const issued = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.apiKeys
        .createApiKey(wanted, options)
        .catch(clientRefusal(...NOT_ITS_MAKER, 'scope_not_held')),
    );
    return issuedApiKeyView(issued);
  }

  @Get()
  @RequireSession('api-keys:manage')
  @Describe({
    summary: 'List the own API keys that work or worked lately, the newest first',
    answers: { 200: ApiKeyList },
  })
  async list(@CurrentRequest() context: RequestContext): Promise<{ items: ApiKeyView[] }> {
    const { apiKeys } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.apiKeys.listApiKeys({}, options),
    );
    return { items: apiKeys.map(apiKeyView) };
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @RequireSession('api-keys:manage')
  @RequireAuthentication(RECENT)
  @Describe({
    summary: 'Give an own API key a new secret, while the one of before goes on for some time',
    description:
      'Of several rotations, the last secret but one is the oldest that works. With `overlapSeconds` 0 none but the new one does.',
    answers: { 200: IssuedApiKey },
    problems: { ...UNKNOWN_KEY, 401: ['session_ended'] },
  })
  async rotate(
    @Param('id') apiKeyId: string,
    @Body() { overlapSeconds }: ApiKeyRotation,
    @CurrentRequest() context: RequestContext,
  ): Promise<IssuedApiKeyView> {
    const issued = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.apiKeys
        .rotateApiKey({ apiKeyId, overlapSeconds }, options)
        .catch(clientRefusal(...NOT_ITS_MAKER)),
    );
    return issuedApiKeyView(issued);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireSession('api-keys:manage')
  @Describe({
    summary: 'Revoke an own API key',
    answers: { 204: null },
    problems: UNKNOWN_KEY,
  })
  async revoke(
    @Param('id') apiKeyId: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.apiKeys.revokeApiKey({ apiKeyId }, options),
    );
  }

  @Delete()
  @RequireSession('api-keys:manage')
  @Describe({
    summary: 'Revoke all own API keys',
    answers: { 200: RevokedApiKeys },
  })
  async revokeAll(@CurrentRequest() context: RequestContext): Promise<RevokedApiKeysView> {
    const { revokedKeys } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.apiKeys.revokeAllApiKeys({}, options),
    );
    return { revoked: revokedKeys };
  }
}
