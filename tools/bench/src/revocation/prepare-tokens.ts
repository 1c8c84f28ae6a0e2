import type { Credentials, GatewayClient, SignedIn } from '../gateway-client';
import { readUnverified } from '../unverified-token';
import { KINDS } from './revocable-token';
import type { Kind, RevocableToken } from './revocable-token';

/** The account all tokens are of, and a session of it that goes on. */
export interface Owner {
  readonly credentials: Credentials;
  readonly lasting: SignedIn;
}

/** Makes tokens that can be withdrawn, of each kind in turn. */
export const prepareTokens = async (
  client: GatewayClient,
  { credentials, lasting }: Owner,
  count: number,
): Promise<readonly RevocableToken[]> => {
  // A refresh gives another token of the same session, and costs no password hash.
  let refreshed = await client.logIn(credentials);
  const make: Record<Kind, () => Promise<RevocableToken>> = {
    logout: async () => {
      const session = await client.logIn(credentials);
      const { accessToken } = session;
      return { kind: 'logout', accessToken, revoke: (by) => by.logOut(session) };
    },
    'token revocation': async () => {
      refreshed = await client.refresh(refreshed);
      const token = refreshed;
      const { accessToken } = token;
      return { kind: 'token revocation', accessToken, revoke: (by) => by.revoke(token) };
    },
    'end of another session': async () => {
      const { accessToken } = await client.logIn(credentials);
      const { sid } = readUnverified(accessToken);
      const revoke = (by: GatewayClient): Promise<void> => by.endSession(sid, lasting);
      return { kind: 'end of another session', accessToken, revoke };
    },
  };
  const tokens: RevocableToken[] = [];
  for (let index = 0; index < count; index += 1) {
    tokens.push(await make[KINDS[index % KINDS.length] ?? 'logout']());
  }
  return tokens;
};
