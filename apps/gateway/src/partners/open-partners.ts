import { createRpcClient, partnersV1, type RpcTransport } from '@sallyport/contracts';
import type { Logger } from '@sallyport/observability';
import type { RevocationFollower, RevocationReplica } from '@sallyport/revocation';
import type { Clock, VerifiesAccessTokens } from '@sallyport/tokens';
import type { GatewayConfig } from '../config/gateway.config';
import { PartnerAuthorities } from './partner-authorities';
import { PartnerRevocations } from './partner-revocations';
import { PartnerAuthenticator } from './partner.authenticator';

export interface OpenPartnersOptions {
  readonly config: Pick<GatewayConfig, 'PARTNER_CA_FILE' | 'PARTNER_CRL_FILE' | 'PARTNER_LISTEN'>;
  /** To auth-service. */
  readonly transport: RpcTransport;
  readonly accessTokens: VerifiesAccessTokens;
  readonly replica: RevocationReplica;
  readonly follower: Pick<RevocationFollower, 'isCurrent'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** All that the partner listener needs beside the gateway itself. */
export interface OpenPartners {
  readonly listen: NonNullable<GatewayConfig['PARTNER_LISTEN']>;
  readonly authorities: PartnerAuthorities;
  readonly authenticator: PartnerAuthenticator;
  /** Undefined where the authorities publish no lists. */
  readonly revocations: PartnerRevocations | undefined;
  close(): void;
}

/**
 * Reads who signs for partners and what they have revoked; undefined when there is to be no partner listener.
 *
 * @throws ConfigurationError for a file that cannot be used
 */
export async function openPartners(
  options: OpenPartnersOptions,
): Promise<OpenPartners | undefined> {
  const { config, transport, accessTokens, replica, follower, clock, logger } = options;
  const { PARTNER_LISTEN: listen, PARTNER_CA_FILE: caFile, PARTNER_CRL_FILE: file } = config;
  if (listen === undefined || caFile === undefined) return undefined;
  const authorities = PartnerAuthorities.read(caFile);
  const revocations =
    file === undefined
      ? undefined
      : await PartnerRevocations.open({ file, authorities, clock, logger });
  const authenticator = new PartnerAuthenticator({
    partners: createRpcClient(partnersV1.PartnerServiceDefinition, transport),
    accessTokens,
    replica,
    follower,
    revocations,
    clock,
  });
  return { listen, authorities, authenticator, revocations, close: () => revocations?.close() };
}
