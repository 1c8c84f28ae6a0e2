import type { Provider } from 'oidc-provider';
import { providerLibrary } from './provider-library';

/** Of what a token request presents, that which it uses up. */
interface OneUse {
  readonly resourceIndicators: ReadonlySet<unknown>;
  consume(): Promise<void>;
}

/**
 * Has a code or refresh token refused, and not used up, for a resource it was not given for (RFC 8707 section 2.2): oidc-provider
 * looks at the resource after it has consumed them, and a client that named a wrong one would have to start anew. Everything
 * else that is wrong with them is found before, replay included.
 */
export function refuseResourceBeforeUse(provider: Provider): void {
  const { Provider: library, errors } = providerLibrary();
  for (const model of [provider.AuthorizationCode, provider.RefreshToken]) {
    // Defined by the library in a way that its types do not show.
    const prototype = model.prototype as unknown as OneUse;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the token it is a method of
    const { consume } = prototype;
    prototype.consume = async function (this: OneUse): Promise<void> {
      const [resource] = [library.ctx?.oidc.params?.['resource']].flat();
      if (resource && !this.resourceIndicators.has(resource)) throw new errors.InvalidTarget();
      await consume.call(this);
    };
  }
}
