import type { Configuration } from 'oidc-provider';
import type { Clock } from '@sallyport/tokens';
import { providerLibrary } from './provider-library';

/** A client makes one for each request: longer is of use to nobody but who has stolen one. Seconds. */
const LONGEST_LIFE = 5 * 60;

/**
 * What an assertion of `private_key_jwt` has to say besides what RFC 7523 asks for: that it is for this issuer and nobody
 * else (FAPI 2.0 Security Profile §5.3.2.1), and not for long.
 *
 * @throws InvalidClientAuth
 */
export function assertionCheck(
  issuer: string,
  clock: Clock,
): NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> {
  return (_context, { aud, exp }) => {
    const { errors } = providerLibrary();
    const remaining = Number(exp) - clock().getTime() / 1000;
    if (aud !== issuer)
      return Promise.reject(new errors.InvalidClientAuth('its audience is not the issuer'));
    if (!(remaining <= LONGEST_LIFE))
      return Promise.reject(new errors.InvalidClientAuth('it lives too long'));
    return Promise.resolve();
  };
}
