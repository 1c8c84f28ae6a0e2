import { isIP } from 'node:net';
import { ConfigurationError } from '@sallyport/configuration';
import type { RelyingParty } from '../passkeys/relying-party';
import type { AuthServiceConfig } from './auth-service.config';

const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

type Settings = Pick<
  AuthServiceConfig,
  'ISSUER' | 'WEBAUTHN_RP_ID' | 'WEBAUTHN_RP_NAME' | 'WEBAUTHN_ORIGINS'
>;

/**
 * Who passkeys are made for. Browsers use one on the pages of its domain and of those below it alone (WebAuthn Level 3 section
 * 5.1.3): an origin elsewhere would be a mistake.
 *
 * @throws ConfigurationError naming the variable
 */
export function relyingPartyOf(config: Settings): RelyingParty {
  const issuer = new URL(config.ISSUER);
  const id = config.WEBAUTHN_RP_ID ?? issuer.hostname;
  if (!DOMAIN.test(id) || isIP(id) !== 0)
    throw new ConfigurationError('WEBAUTHN_RP_ID', 'expected a domain');
  const origins = config.WEBAUTHN_ORIGINS?.split(',') ?? [issuer.origin];
  for (const origin of origins) {
    if (isOriginOf(id, origin)) continue;
    throw new ConfigurationError(
      'WEBAUTHN_ORIGINS',
      `expected https origins of ${id} or below it, separated by commas`,
    );
  }
  return { id, name: config.WEBAUTHN_RP_NAME, origins };
}

function isOriginOf(id: string, origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname, origin: normal } = new URL(origin);
  const isWithin = hostname === id || hostname.endsWith(`.${id}`);
  return protocol === 'https:' && isWithin && normal === origin;
}
