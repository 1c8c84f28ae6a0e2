import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '@sallyport/tokens';
import type { AccountsRepository } from '../accounts/accounts.repository';
import { isUuid } from '../is-uuid';
import { LIFETIMES } from './provider-configuration';
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

/**
 * Opens the session of a grant that an account gives a client in an interaction.
 *
 * @returns the id of the grant, or undefined when the browser's session has ended
 */
export async function saveGrant(
  grant: { save(): Promise<string> },
  opening: { readonly clientId: string; readonly browserUid: string; readonly now: Date },
  sessions: Pick<OauthSessionsRepository, 'openGrant'>,
): Promise<string | undefined> {
  const grantId = await grant.save();
  const expiresAt = new Date(opening.now.getTime() + LIFETIMES.grant * 1000);
  return (await sessions.openGrant({ ...opening, grantId, expiresAt })) ? grantId : undefined;
}
