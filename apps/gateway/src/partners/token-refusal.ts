import { RpcError } from '@sallyport/contracts';
import { oauthProblem } from '../problems/oauth-problem';
import { isPartnerRefusal } from './partner-refusal';

/** Lets through, as an error of RFC 6749 section 5.2, what auth-service refuses the client a token for. */
export function tokenRefusal(error: unknown): never {
  if (isPartnerRefusal(error)) throw oauthProblem('invalid_client', { cause: error });
  if (error instanceof RpcError && error.reason === 'invalid_scope') {
    throw oauthProblem('invalid_scope', { cause: error });
  }
  throw error;
}
