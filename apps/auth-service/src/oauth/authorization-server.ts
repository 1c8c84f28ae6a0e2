import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Configuration, Provider } from 'oidc-provider';
import type { SigningKey } from '@sallyport/tokens';
import { providerLibrary } from './provider-library';

export interface AuthorizationServerOptions {
  /** The gateway's public URL: `iss` of everything. */
  readonly issuer: string;
  /** The key that signs now; asked for each request, as for every other token. */
  readonly activeKey: () => Promise<SigningKey>;
  /** Behind the nonces of DPoP proofs; asked for each request as well. */
  readonly dpopNonceSecret: () => Promise<Buffer>;
  readonly configurationFor: (key: SigningKey, dpopNonceSecret: Buffer) => Configuration;
  /** Told of each provider before it answers. */
  readonly prepare: (provider: Provider, key: SigningKey) => void;
}

/**
 * oidc-provider, of which there is a new one whenever another key signs or nonces have another secret: it takes its keys
 * when it is made, and keeps nothing else that a successor would lack.
 */
export class AuthorizationServer {
  readonly #options: AuthorizationServerOptions;
  #current:
    { readonly kid: string; readonly secret: Buffer; readonly provider: Provider } | undefined;

  constructor(options: AuthorizationServerOptions) {
    this.#options = options;
  }

  /** The provider whose key signs now. */
  async provider(): Promise<Provider> {
    const { activeKey, dpopNonceSecret, configurationFor, issuer, prepare } = this.#options;
    const [key, secret] = await Promise.all([activeKey(), dpopNonceSecret()]);
    if (this.#current?.kid === key.kid && this.#current.secret.equals(secret)) {
      return this.#current.provider;
    }
    const { Provider } = providerLibrary();
    const provider = new Provider(issuer, configurationFor(key, secret));
    provider.proxy = true;
    prepare(provider, key);
    this.#current = { kid: key.kid, secret, provider };
    return provider;
  }

  /** Has a request answered whose body nobody has read. While there is no key to sign with, the reply is left to whoever asks. */
  async handle(request: IncomingMessage, reply: FastifyReply): Promise<void> {
    const provider = await this.provider();
    reply.hijack();
    await provider.callback()(request, reply.raw);
  }
}
