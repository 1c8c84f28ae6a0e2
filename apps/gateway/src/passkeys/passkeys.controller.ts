import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  UseGuards,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireAuthentication, RequireSession } from '@sallyport/nest-zero-trust';
import { RECENT } from '../authentication/required-authentication';
import { CROSS_SITE, SameOriginGuard } from '../auth/same-origin.guard';
import { Describe } from '../docs/describe.decorator';
import { LimitAs } from '../rate-limits/route-class';
import { CurrentRequest, type RequestContext } from '../upstream/request-context';
import { Upstream, UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import { PASSKEY_CLIENT, type PasskeyClient } from '../upstream/upstream-clients';
import { clientRefusal } from '../upstream/upstream-problem';
import { NewPasskey, PasskeyName, PasskeyRemoval } from './passkey.dtos';
import {
  EnrolledPasskey,
  type EnrolledPasskeyView,
  optionsView,
  Passkey,
  PasskeyOptions,
  type PasskeyOptionsView,
  Passkeys,
  type PasskeysView,
  type PasskeyView,
  passkeyView,
} from './passkey.view';

/** The calling user's passkeys. */
@ApiTags('auth')
@Controller('auth/passkeys')
export class PasskeysController {
  constructor(
    private readonly upstream: Upstream,
    @Inject(PASSKEY_CLIENT) private readonly passkeys: PasskeyClient,
  ) {}

  @Get()
  @RequireSession()
  @Describe({ summary: 'List the own passkeys', answers: { 200: Passkeys } })
  async list(@CurrentRequest() context: RequestContext): Promise<PasskeysView> {
    const { passkeys } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.read, (options) =>
      this.passkeys.listPasskeys({}, options),
    );
    return { passkeys: passkeys.map(passkeyView) };
  }

  @Post('options')
  @HttpCode(200)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Begin to enrol a passkey',
    description: 'Answers with what `navigator.credentials.create()` takes, once, in this session.',
    answers: { 200: PasskeyOptions },
    problems: { ...CROSS_SITE, 409: ['too_many_passkeys'] },
  })
  async begin(@CurrentRequest() context: RequestContext): Promise<PasskeyOptionsView> {
    return optionsView(
      await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
        this.passkeys.beginEnrolment({}, options),
      ),
    );
  }

  @Post()
  @HttpCode(201)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Enrol a passkey',
    description:
      'Ends the other sessions, and answers with the recovery codes, once, where it is the first second factor.',
    answers: { 201: EnrolledPasskey },
    problems: {
      ...CROSS_SITE,
      400: ['passkey_name_invalid'],
      401: ['mfa_refused'],
      409: ['too_many_passkeys'],
      429: ['too_many_attempts'],
    },
  })
  async enrol(
    @Body() { name, credential }: NewPasskey,
    @CurrentRequest() context: RequestContext,
  ): Promise<EnrolledPasskeyView> {
    const enrolled = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.passkeys
        .enrol({ credential: JSON.stringify(credential), name }, options)
        .catch(clientRefusal('mfa_refused')),
    );
    const { recoveryCodes } = enrolled;
    return {
      passkey: passkeyView(enrolled.passkey),
      ...(recoveryCodes.length > 0 && { recoveryCodes }),
    };
  }

  @Patch(':id')
  @RequireSession()
  @RequireAuthentication(RECENT)
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Give a passkey another name',
    answers: { 200: Passkey },
    problems: { ...CROSS_SITE, 400: ['passkey_name_invalid'], 404: ['factor_not_found'] },
  })
  async rename(
    @Param('id') id: string,
    @Body() { name }: PasskeyName,
    @CurrentRequest() context: RequestContext,
  ): Promise<PasskeyView> {
    const { passkey } = await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.write, (options) =>
      this.passkeys.renamePasskey({ id, name }, options),
    );
    return passkeyView(passkey);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequireSession()
  @RequireAuthentication(RECENT)
  @LimitAs('credentials')
  @UseGuards(SameOriginGuard)
  @Describe({
    summary: 'Remove a passkey',
    description:
      'Ends the other sessions. With the last second factor the recovery codes go, and the password has to be sent.',
    answers: { 204: null },
    problems: {
      ...CROSS_SITE,
      401: ['invalid_credentials', 'mfa_refused'],
      404: ['factor_not_found'],
      409: ['factor_required', 'password_required', 'longer_password_required'],
      429: ['too_many_attempts', 'server_busy'],
    },
  })
  async remove(
    @Param('id') id: string,
    @Body() { password }: PasskeyRemoval,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    await this.upstream.call(context, UPSTREAM_TIMEOUT_MS.password, (options) =>
      this.passkeys
        .removePasskey({ id, password }, options)
        .catch(clientRefusal('invalid_credentials', 'mfa_refused')),
    );
  }
}
