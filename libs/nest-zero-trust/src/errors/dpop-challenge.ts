import { authenticationParameters, challenge } from './bearer-challenge';

/** The parameters of a `WWW-Authenticate: DPoP` challenge (RFC 9449 §7.1). */
export interface DpopChallenge {
  readonly realm: string;
  /** The algorithms a proof may be signed with. */
  readonly algorithms: readonly string[];
  /** Left out when no credential was presented. */
  readonly error?:
    | 'invalid_token'
    | 'invalid_dpop_proof'
    | 'insufficient_scope'
    | 'insufficient_user_authentication';
  readonly errorDescription?: string;
  /** Space-separated scopes that would suffice. */
  readonly scope?: string;
  /** Space-separated authentication context classes that would suffice (RFC 9470 §3). */
  readonly acrValues?: string;
  /** Seconds within which the user has to have authenticated (RFC 9470 §3). */
  readonly maxAge?: number;
}

/** Writes a challenge. @throws TypeError when a value has characters that a quoted string of it cannot hold */
export function dpopChallenge(parameters: DpopChallenge): string {
  const { realm, error, errorDescription, scope, algorithms } = parameters;
  const algs = algorithms.join(' ');
  const described = { realm, error, error_description: errorDescription, scope };
  return challenge('DPoP', { ...described, ...authenticationParameters(parameters), algs });
}
