import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Clock } from '@sallyport/tokens';
import { newGrantId } from '../grant-id';
import { LIFETIMES } from '../provider-configuration';
import { allowIn, askedScopes, covers } from './asked-scopes';
import type { ConsentsRepository } from './consents.repository';

type Oidc = KoaContextWithOIDC['oidc'];
type Grant = InstanceType<Provider['Grant']>;

/**
 * The grant a request is answered by without asking: the one this browser's session has, or another one for what the
 * account allowed the client before, in whatever browser.
 *
 * Asked each time all the same: with `prompt=consent`; for `offline_access` (OpenID Connect Core §11); for native clients,
 * whose redirect says nothing about who receives the answer (RFC 8252 §8.6).
 */
export function rememberedGrants(
  consents: Pick<ConsentsRepository, 'use'>,
  audience: string,
  clock: Clock,
): NonNullable<Configuration['loadExistingGrant']> {
  return async ({ oidc }) => {
    const found = await grantOfSession(oidc);
    const { accountId } = oidc.session ?? {};
    const asked = askedScopes(oidc.requestParamScopes, heldOf(oidc, audience));
    if (accountId === undefined || oidc.client === undefined || !isForMemory(oidc, asked.scopes)) {
      return found;
    }
    const { clientId } = oidc.client;
    const now = clock();
    const consent = { accountId, clientId, scopes: asked.scopes, now };
    if (found) {
      if (covers(found, asked, audience) || !(await consents.use(consent))) return found;
      allowIn(found, asked, audience);
      await found.save();
      return found;
    }
    const grant = new oidc.provider.Grant({ accountId, clientId });
    const grantId = newGrantId();
    const expiresAt = new Date(now.getTime() + LIFETIMES.grant * 1000);
    const opening = { grantId, clientId, browserUid: oidc.session?.uid ?? '', now, expiresAt };
    if (!(await consents.use(consent, opening))) return undefined;
    allowIn(grant, asked, audience);
    grant.jti = grantId;
    await grant.save();
    return grant;
  };
}

async function grantOfSession(oidc: Oidc): Promise<Grant | undefined> {
  const { client, result, session, provider } = oidc;
  const grantId = result?.consent?.grantId ?? session?.grantIdFor(client?.clientId ?? '');
  return grantId === undefined ? undefined : provider.Grant.find(grantId);
}

function isForMemory(oidc: Oidc, scopes: readonly string[]): boolean {
  const { client, prompts, params, session, result } = oidc;
  if (client?.applicationType !== 'web' || prompts.has('consent')) return false;
  if (scopes.length === 0 || scopes.includes('offline_access')) return false;
  // Somebody who is about to sign in, perhaps as somebody else, opens nothing yet.
  const { max_age: maxAge } = params ?? {};
  const isTooLongAgo = maxAge !== undefined && session?.past(Number(maxAge)) === true;
  return !oidc.promptPending('login') && (!isTooLongAgo || result?.login !== undefined);
}

/** What of the API is asked for and held by the account, see `resourceServer`. */
function heldOf(oidc: Oidc, audience: string): ReadonlySet<string> {
  return new Set(oidc.resourceServers?.[audience]?.scope.split(' '));
}
