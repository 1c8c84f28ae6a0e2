import type { Principal } from '@sallyport/principal';
import type { RevocableKind } from '@sallyport/revocation';
import { apiKeyOf } from '../api-keys/resolved-api-key';

/** What ends a credential. */
export interface CredentialLife {
  /** The {@link revocationKey} of every revocation that does. */
  readonly endedBy: readonly string[];
  /** In seconds since the epoch; undefined when nothing is known of it. */
  readonly expiresAt?: number | undefined;
}

/** Names a revocation among those of all kinds. */
export function revocationKey(kind: RevocableKind, id: string): string {
  return `${kind}:${id}`;
}

/** What ends a credential that was found good. */
export function lifeOf(credential: string, principal: Principal): CredentialLife {
  const apiKey = apiKeyOf(principal);
  if (apiKey === undefined) return lifeOfToken(credential);
  return {
    endedBy: [revocationKey('api_key', apiKey.id), revocationKey('subject', principal.id)],
  };
}

/** What ends an access token that was found good or issued this moment: nothing is verified. */
export function lifeOfToken(accessToken: string): CredentialLife {
  const [header, payload] = accessToken.split('.', 2);
  const { jti, sid, sub, client_id, exp } = membersOf(payload);
  const named = [
    ['signing_key', membersOf(header)['kid']],
    ['token', jti],
    ['session', sid],
    ['subject', sub],
    ['client', client_id],
  ] as const;
  return {
    endedBy: named.flatMap(([kind, id]) => (typeof id === 'string' ? revocationKey(kind, id) : [])),
    expiresAt: typeof exp === 'number' ? exp : undefined,
  };
}

/** Of what is no part of a JWS, none. */
function membersOf(part = ''): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
