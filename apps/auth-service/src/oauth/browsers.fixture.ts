import { randomUUID } from 'node:crypto';
import type { Account } from '../accounts/account';
import { PASSWORD_AUTHENTICATION } from '../accounts/credentials';
import { ORIGIN } from '../auth.fixture';
import type { ClientsReplica } from './clients/clients.fixture';
import { newClient } from './clients/clients.fixture';

const DAY_SECONDS = 24 * 60 * 60;

/** What an interaction in which somebody has signed in left behind. */
export async function interactionOf(replica: ClientsReplica, account: Account): Promise<string> {
  const interactionUid = randomUUID();
  const at = replica.clock.now();
  const expiresAt = new Date(at.getTime() + DAY_SECONDS * 1000);
  const authentication = { ...PASSWORD_AUTHENTICATION, at };
  const signIn = { ...ORIGIN, interactionUid, authentication, expiresAt };
  if (await replica.oauthSessions.signIn(account, signIn)) return interactionUid;
  throw new Error('the sign-in was refused');
}

/** A browser in which an account is signed in. */
export async function browserOf(replica: ClientsReplica, account: Account): Promise<string> {
  const browserUid = randomUUID();
  const interactionUid = await interactionOf(replica, account);
  await replica.oauthSessions.adopt(interactionUid, browserUid, replica.clock.now());
  return browserUid;
}

export async function clientOf({ clientsService }: ClientsReplica): Promise<string> {
  return (await clientsService.create(newClient(), undefined)).client.id;
}

/** Opens a grant for who is signed in in a browser; undefined when that is refused. */
export async function grantOf(
  { oauthSessions, clock }: ClientsReplica,
  browserUid: string,
  clientId: string,
  seconds = DAY_SECONDS,
): Promise<string | undefined> {
  const grantId = randomUUID();
  const now = clock.now();
  const expiresAt = new Date(now.getTime() + seconds * 1000);
  const opening = { clientId, browserUid, grantId, now, expiresAt };
  return (await oauthSessions.openGrant(opening)) ? grantId : undefined;
}
