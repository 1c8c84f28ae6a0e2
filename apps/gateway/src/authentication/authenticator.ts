import type { ProblemOptions } from '@sallyport/nest-zero-trust';
import type { Principal } from '@sallyport/principal';
import type { Revocation } from '@sallyport/revocation';
import type { FastifyRequest } from 'fastify';

/** One kind of credential that is not an access token: whether a request presents one, and for whom it speaks. */
export interface Authenticator {
  /**
   * The principal of the credential; undefined when the request presents none of this kind, which is not a refusal.
   *
   * @throws CredentialRefused
   */
  authenticate(request: FastifyRequest): Promise<Principal | undefined>;

  /** Forgets what it remembers of what a revocation ends. */
  forget?(revocation: Revocation): void;
}

/** Authenticator[], bound to what the application was given. */
export const AUTHENTICATORS = Symbol('Authenticators');

/** A presented credential is not accepted, or it cannot be told whether it is. */
export class CredentialRefused extends Error {
  override readonly name = 'CredentialRefused';

  /**
   * @param reason of the security event, e.g. `api_key_expired`; nobody outside is told
   * @param status 503 when it cannot be told now
   * @param code of the problem: one for all refusals of a kind of credential
   * @param options `extensions` are further members of the problem
   */
  constructor(
    readonly reason: string,
    readonly status: 401 | 503,
    readonly code: string,
    private readonly options?: ErrorOptions & Pick<ProblemOptions, 'extensions'>,
  ) {
    super(reason, options);
  }

  /** Further members of the problem. */
  get extensions(): ProblemOptions['extensions'] {
    return this.options?.extensions;
  }
}
