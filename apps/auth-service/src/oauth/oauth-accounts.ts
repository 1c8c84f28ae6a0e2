import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '@sallyport/tokens';
import type { AccountsRepository } from '../accounts/accounts.repository';
import { isUuid } from '../is-uuid';
import type { OauthSessionsRepository } from './oauth-sessions.repository';
import { providerLibrary } from './provider-library';

/** The accounts of this system, as oidc-provider asks for them. */
export function findAccountIn(
  accounts: Pick<AccountsRepository, 'findById'>,
  sessions: Pick<OauthSessionsRepository, 'adopt'>,
  clock: Clock,
): NonNullable<Configuration['findAccount']> {
  return async (context, accountId) => {
    const account = isUuid(accountId) ? await accounts.findById(accountId) : undefined;
    if (account === undefined || account.lockedAt !== undefined) return undefined;
    await adoptSignIn(context, sessions, clock());
    const { id, email } = account;
    return { accountId: id, claims: () => ({ sub: id, email, email_verified: false }) };
  };
}

/**
 * Binds the session that an interaction opened to the browser that comes back from it.
 *
 * @throws AccessDenied when it was ended on the way
 */
async function adoptSignIn(
  { oidc }: KoaContextWithOIDC,
  sessions: Pick<OauthSessionsRepository, 'adopt'>,
  now: Date,
): Promise<void> {
  const { Interaction: interaction } = oidc.entities;
  if (oidc.result?.login === undefined || interaction === undefined) return;
  const uid = oidc.session?.uid;
  if (uid !== undefined && (await sessions.adopt(interaction.uid, uid, now))) return;
  const { errors } = providerLibrary();
  throw new errors.AccessDenied('the sign-in has ended');
}
