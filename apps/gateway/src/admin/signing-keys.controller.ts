import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBody, ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireScopes } from '@sallyport/nest-zero-trust';
import { STRONG } from '../authentication/required-authentication';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { OPERATOR_CLIENT, type OperatorClient } from '../upstream/upstream-clients';
import { KeyActivation, SigningKeyReference } from './signing-key.dtos';
import {
  SigningKey,
  SigningKeyList,
  signingKeyView,
  TaintedKey,
  type SigningKeyView,
  type TaintedKeyView,
} from './signing-key.view';

/** The keys access tokens are signed with, for operators. */
@ApiTags('admin')
@Controller('admin/keys')
@LimitAs('admin')
export class SigningKeysController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(OPERATOR_CLIENT) private readonly operators: OperatorClient,
  ) {}

  @Get()
  @RequireScopes('keys:manage')
  @Describe({
    summary: 'List the signing keys, the newest first',
    answers: { 200: SigningKeyList },
  })
  async list(@CurrentRequest() context: RequestContext): Promise<{ items: SigningKeyView[] }> {
    const { keys } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.operators.listSigningKeys({}, options),
    );
    return { items: keys.map((key) => signingKeyView(key, 'keys')) };
  }

  @Post('prepare')
  @HttpCode(201)
  @RequireScopes('keys:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Make a key and publish it; it does not sign yet',
    answers: { 201: SigningKey },
    problems: { 409: ['signing_key_already_prepared'] },
  })
  async prepare(@CurrentRequest() context: RequestContext): Promise<SigningKeyView> {
    const { key } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.operators.prepareSigningKey({}, options),
    );
    return signingKeyView(key, 'key');
  }

  @Post('activate')
  @HttpCode(200)
  @RequireScopes('keys:manage')
  @RequireAuthentication(STRONG)
  @ApiBody({ type: KeyActivation, required: false })
  @Describe({
    summary: 'Let the prepared key sign, and retire the one that did',
    answers: { 200: SigningKey },
    problems: { 409: ['no_signing_key_prepared', 'signing_key_published_too_recently'] },
  })
  async activate(
    @Body() { immediately = false }: KeyActivation,
    @CurrentRequest() context: RequestContext,
  ): Promise<SigningKeyView> {
    const { key } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.operators.activateSigningKey({ immediately }, options),
    );
    return signingKeyView(key, 'key');
  }

  @Post('retire')
  @HttpCode(200)
  @RequireScopes('keys:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Withdraw a prepared key that is not to be used',
    answers: { 200: SigningKey },
    problems: {
      404: ['signing_key_not_found'],
      409: ['signing_key_active', 'signing_key_tainted'],
    },
  })
  async retire(
    @Body() { kid }: SigningKeyReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<SigningKeyView> {
    const { key } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.operators.retireSigningKey({ kid }, options),
    );
    return signingKeyView(key, 'key');
  }

  /** For a key that has leaked: nothing it signed is accepted any more, and who holds something of it signs in again. */
  @Post('taint')
  @HttpCode(200)
  @RequireScopes('keys:manage')
  @RequireAuthentication(STRONG)
  @Describe({
    summary: 'Withdraw a leaked key at once, and end every session that holds a token it signed',
    answers: { 200: TaintedKey },
    problems: { 404: ['signing_key_not_found'] },
  })
  async taint(
    @Body() { kid }: SigningKeyReference,
    @CurrentRequest() context: RequestContext,
  ): Promise<TaintedKeyView> {
    const { key, activeKey, endedSessions } = await this.upstream.call(
      context,
      UPSTREAM_TIMEOUT_MS.write,
      (options) => this.operators.taintSigningKey({ kid }, options),
    );
    return {
      key: signingKeyView(key, 'key'),
      activeKey: signingKeyView(activeKey, 'active_key'),
      endedSessions,
    };
  }
}
