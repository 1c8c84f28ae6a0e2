import { bearerChallenge, dpopChallenge } from '@sallyport/nest-zero-trust';
import { DPOP_ALGORITHMS } from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { REALM } from '../app.tokens';
import { hasDpopScheme } from './presented-access-token';

/** One wording for every refused token, so that an answer does not tell how close a forged one came. */
const INVALID_TOKEN = {
  realm: REALM,
  error: 'invalid_token',
  errorDescription: 'The access token is not accepted',
} as const;

const BEARER = bearerChallenge(INVALID_TOKEN);

const DPOP: Readonly<Record<string, string>> = {
  invalid_token: dpopChallenge({ ...INVALID_TOKEN, algorithms: DPOP_ALGORITHMS }),
  invalid_dpop_proof: dpopChallenge({
    realm: REALM,
    error: 'invalid_dpop_proof',
    errorDescription: 'The DPoP proof is not accepted',
    algorithms: DPOP_ALGORITHMS,
  }),
};

/**
 * The challenge of a refused access token (RFC 6750 section 3, RFC 9449 section 7.1): of the scheme it came under, and of
 * `DPoP` where that is what it lacks. Undefined for a credential that is no token.
 *
 * @param code of the problem
 * @param reason of the refusal
 */
export function tokenChallenge(
  code: string,
  reason: string,
  request: FastifyRequest,
): string | undefined {
  if (code === 'invalid_token' && reason !== 'token_proof_missing' && !hasDpopScheme(request)) {
    return BEARER;
  }
  return DPOP[code];
}
