import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import { AccountsRepository } from '../accounts/accounts.repository';
import { CLIENT_ADDRESSES, CLOCK, LOGGER, PARTNER_URL, TOKEN_PROFILE } from '../app.tokens';
import { SigningKeysService } from '../signing-keys/signing-keys.service';
import type { AccessTokenProfile } from '../tokens/own-access-tokens';
import { ArtifactsRepository } from './artifacts.repository';
import type { ClientAddresses } from './client-addresses';
import { ClientCertificates } from './client-certificates';
import { ClientsRepository } from './clients/clients.repository';
import { ConsentsRepository } from './consents/consents.repository';
import { DpopNonces } from './dpop-nonces';
import { GrantsService } from './grants.service';
import { IntrospectionService } from './introspection/introspection.service';
import { ClientSignInsRepository } from './logout-notices/client-sign-ins.repository';
import { OauthSessionsRepository } from './oauth-sessions.repository';

/** What the authorization server stands on, each by its name. */
@Injectable()
export class AuthorizationServerParts {
  constructor(
    @Inject(TOKEN_PROFILE) readonly accessTokens: AccessTokenProfile,
    @Inject(CLIENT_ADDRESSES) readonly clientAddresses: ClientAddresses,
    @Inject(PARTNER_URL) readonly partnerUrl: string | undefined,
    @Inject(CLOCK) readonly clock: Clock,
    @Inject(LOGGER) readonly logger: Logger,
    readonly keys: SigningKeysService,
    readonly accounts: AccountsRepository,
    readonly artifacts: ArtifactsRepository,
    readonly clients: ClientsRepository,
    readonly certificates: ClientCertificates,
    readonly sessions: OauthSessionsRepository,
    readonly grants: GrantsService,
    readonly consents: ConsentsRepository,
    readonly signIns: ClientSignInsRepository,
    readonly introspection: IntrospectionService,
    readonly dpopNonces: DpopNonces,
  ) {}
}
