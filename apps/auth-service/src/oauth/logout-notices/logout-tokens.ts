import type { Provider } from 'oidc-provider';
import type { AuthorizationServer } from '../authorization-server';

/** SendsLogoutTokens. */
export const LOGOUT_TOKENS = Symbol('LogoutTokens');

/** Of a client and a sign-in it knows of. */
export interface EndedSignIn {
  readonly clientId: string;
  readonly accountId: string;
  readonly clientSid: string | undefined;
}

export interface SendsLogoutTokens {
  /** Rejects when the client does not take it in time. A client that is gone or wants none is passed over. */
  send(ended: EndedSignIn): Promise<void>;
}

type Tell = (this: object, accountId: string, clientSid: string | undefined) => Promise<void>;

/** oidc-provider's clients, with what its types leave out and what is added here. */
interface ClientPrototype {
  backchannelLogout: Tell;
  sendLogoutToken: Tell;
}

/**
 * Has oidc-provider note whom it would tell of a logout instead of telling them while a person waits: they are told like of
 * every other end of a session.
 */
export function noteLogouts(
  provider: Provider,
  over: (clientId: string, accountId: string, clientSid: string | undefined) => Promise<void>,
): void {
  const prototype = provider.Client.prototype as unknown as ClientPrototype;
  prototype.sendLogoutToken = prototype.backchannelLogout;
  prototype.backchannelLogout = function (accountId, clientSid) {
    return over((this as { readonly clientId: string }).clientId, accountId, clientSid);
  };
}

/** Sends logout tokens signed by the key that signs now. */
export function logoutTokensOf(server: AuthorizationServer): SendsLogoutTokens {
  return {
    async send({ clientId, accountId, clientSid }) {
      const { Client } = await server.provider();
      const client = await Client.find(clientId);
      if (client?.backchannelLogoutUri === undefined) return;
      const { sendLogoutToken } = client as unknown as ClientPrototype;
      await sendLogoutToken.call(client, accountId, clientSid);
    },
  };
}
