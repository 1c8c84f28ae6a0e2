import type { ProblemOptions } from '@sallyport/nest-zero-trust';
import type { SecurityEvent } from '@sallyport/observability';
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

  /**
   * Looks at a credential that is the connection's, on handlers that authenticate nobody.
   *
   * @throws CredentialRefused when it is not good any more
   */
  validateConnection?(request: FastifyRequest): void;

  /** Forgets what it remembers of what a revocation ends. */
  forget?(revocation: Revocation): void;
}

/** Authenticator[], bound to what the application was given. */
export const AUTHENTICATORS = Symbol('Authenticators');

export interface CredentialRefusedOptions extends ErrorOptions {
  /** What of the credential the security event may name. */
  readonly about?: Pick<SecurityEvent, 'apiKeyId'>;
  /** Whether a service has recorded this refusal as a security event, which is to be one. */
  readonly isRecorded?: boolean;
  /** Further members of the problem. */
  readonly extensions?: ProblemOptions['extensions'];
}

/** A presented credential is not accepted, or it cannot be told whether it is. */
export class CredentialRefused extends Error {
  override readonly name = 'CredentialRefused';
  readonly about: NonNullable<CredentialRefusedOptions['about']>;
  readonly isRecorded: boolean;
  readonly extensions: ProblemOptions['extensions'];

  /**
   * @param reason of the security event, e.g. `api_key_expired`; nobody outside is told
   * @param status 503 when it cannot be told now
   * @param code of the problem: one for all refusals of a kind of credential
   */
  constructor(
    readonly reason: string,
    readonly status: 401 | 503,
    readonly code: string,
    { about = {}, isRecorded = false, extensions, ...options }: CredentialRefusedOptions = {},
  ) {
    super(reason, options);
    this.about = about;
    this.isRecorded = isRecorded;
    this.extensions = extensions;
  }
}
