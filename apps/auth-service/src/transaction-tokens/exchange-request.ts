import { TOKEN_EXCHANGE } from '@sallyport/principal';
import { isIdentifier, parseScope, parseStrictJsonObject } from '@sallyport/tokens';
import { ExchangeRefused } from './exchange-refused';
import type { ExchangeError, ExchangeRefusalReason } from './exchange-refused';

/** A Transaction Token request of the right form; nothing in it is believed yet. */
export type ExchangeRequest = {
  readonly presentedToken: string;
  readonly scopes: ReadonlySet<string>;
} & ({ readonly kind: 'begin'; readonly job: string } | { readonly kind: 'replace' });

/**
 * Parses a Transaction Token request (draft-ietf-oauth-transaction-tokens). Every parameter that the draft requires is
 * required, at most once (RFC 6749 §3.2, where an empty one counts as left out); unknown ones are ignored.
 *
 * @param trustDomain the one audience there are tokens for
 * @throws ExchangeRefused
 */
export function parseExchangeRequest(form: URLSearchParams, trustDomain: string): ExchangeRequest {
  const read = (name: string): string | undefined => {
    const [value, ...more] = form.getAll(name);
    if (more.length > 0) throw refused('invalid_request', 'parameter_repeated');
    return value === '' ? undefined : value;
  };
  const require = (name: string): string => {
    const value = read(name);
    if (value === undefined) throw refused('invalid_request', 'parameter_missing');
    return value;
  };
  if (require('grant_type') !== TOKEN_EXCHANGE.grantType) {
    throw refused('unsupported_grant_type', 'grant_type_unsupported');
  }
  if (require('requested_token_type') !== TOKEN_EXCHANGE.transactionToken) {
    throw refused('invalid_request', 'requested_token_type_unsupported');
  }
  if (require('audience') !== trustDomain || read('resource') !== undefined) {
    throw refused('invalid_target', 'target_wrong');
  }
  for (const name of ['actor_token', 'actor_token_type', 'request_details']) {
    if (read(name) !== undefined) throw refused('invalid_request', 'parameter_unsupported');
  }
  const scopes = parseScope(require('scope'));
  if (scopes === undefined) throw refused('invalid_scope', 'scope_malformed');
  const presentedToken = require('subject_token');
  const context = read('request_context');
  switch (require('subject_token_type')) {
    case TOKEN_EXCHANGE.selfSigned:
      return { kind: 'begin', presentedToken, scopes, job: jobOf(context) };
    case TOKEN_EXCHANGE.transactionToken:
      // The context of a transaction is that of its beginning.
      if (context !== undefined) throw refused('invalid_request', 'request_context_invalid');
      return { kind: 'replace', presentedToken, scopes };
    default:
      throw refused('invalid_request', 'subject_token_type_unsupported');
  }
}

/** `{"job": "settle-orders"}` and nothing else: what stood beside it would not be in the token. */
function jobOf(context = ''): string {
  const parsed = parseStrictJsonObject(Buffer.from(context)) ?? {};
  const { job } = parsed;
  if (Object.keys(parsed).length === 1 && isIdentifier(job)) return job;
  throw refused('invalid_request', 'request_context_invalid');
}

function refused(error: ExchangeError, reason: ExchangeRefusalReason): ExchangeRefused {
  return new ExchangeRefused(error, reason);
}
