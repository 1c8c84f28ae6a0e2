import type { AccessToken, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '@sallyport/tokens';
import type { ClientsRepository } from './clients/clients.repository';
import type { OauthSessionsRepository } from './oauth-sessions.repository';
import { providerLibrary } from './provider-library';

type Customizer = NonNullable<
  NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']
>;

/**
 * Makes of the library's access token one of this system's (RFC 9068 §2.2): with the `sid` by which it is revoked, how
 * and when its user authenticated, and never outliving the session of its grant.
 *
 * @throws InvalidGrant when that session has ended; InvalidClient when the client was disabled; TemporarilyUnavailable when the signing key was replaced meanwhile
 */
export function accessTokenCustomizer(
  sessions: Pick<OauthSessionsRepository, 'useGrant'>,
  clients: Pick<ClientsRepository, 'tokensValidFrom'>,
  kid: string,
  clock: Clock,
): Customizer {
  const { errors } = providerLibrary();
  return async (context, token, { payload }) => {
    if (!isOfUser(token)) {
      const validFrom = await clients.tokensValidFrom(String(payload['client_id']));
      if (validFrom === undefined) throw new errors.InvalidClient('the client was disabled');
      payload['iat'] = Math.max(Number(payload['iat']), Math.ceil(validFrom.getTime() / 1000));
      return;
    }
    const use = await sessions.useGrant(token.grantId, kid, clock());
    if (use === undefined) throw new errors.InvalidGrant('the session of the grant has ended');
    const { acr, amr, authTime } = authenticationOf(context);
    const iat = Math.max(Number(payload['iat']), Math.ceil(use.tokensValidFrom.getTime() / 1000));
    const exp = Math.min(Number(payload['exp']), Math.floor(use.expiresAt.getTime() / 1000));
    Object.assign(payload, { sid: use.sessionId, acr, amr, auth_time: authTime, iat, exp });
  };
}

function isOfUser(token: object): token is AccessToken & { readonly grantId: string } {
  return 'grantId' in token && typeof token.grantId === 'string';
}

/** As the code or refresh token remembers it that is being exchanged. */
function authenticationOf({ oidc }: KoaContextWithOIDC) {
  const { AuthorizationCode: code, RefreshToken: refreshToken } = oidc.entities;
  const { acr, amr, authTime } = code ?? refreshToken ?? {};
  return { acr, amr, authTime };
}
