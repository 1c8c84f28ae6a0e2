import type { Provider } from 'oidc-provider';
import { providerLibrary } from './provider-library';

/** An ID token that is about to be signed under a grant. */
export interface IdTokenNote {
  readonly grantId: string;
  /** By which it names the sign-in to its client; undefined when it does not. */
  readonly clientSid: string | undefined;
}

/**
 * Notes each ID token before it is signed: which key does, so that the grant ends when that is tainted, and what the client
 * learns, so that it can be told when it is over.
 *
 * @param note false when the grant has ended meanwhile, or another key signs by now: then the token does not leave
 */
export function noteIdTokens(
  provider: Provider,
  note: (idToken: IdTokenNote) => Promise<boolean>,
): void {
  const { errors } = providerLibrary();
  const { prototype } = provider.IdToken;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the ID token it is a method of
  const { issue } = prototype;
  prototype.issue = async function (options): Promise<string> {
    if (options.use === 'idtoken') {
      const { AuthorizationCode: code, RefreshToken: refreshToken } = this.ctx.oidc.entities;
      const { grantId, sid } = code ?? refreshToken ?? {};
      const clientSid = this.client.includeSid() ? sid : undefined;
      if (grantId === undefined || !(await note({ grantId, clientSid }))) {
        throw new errors.InvalidGrant('the session of the grant has ended');
      }
    }
    return issue.call(this, options);
  };
}
