import type { Stage } from '../stage';
import type { Chapter, Step } from '../step';
import {
  decodeJson,
  segmentsOf,
  withAlgNone,
  withAlteredClaims,
  withAlteredHeader,
  withAlteredSignature,
  withPublicKeyAsSecret,
} from './forged-tokens';
import { refusedRequest } from './refused-request';
import { mintTransactionToken } from './transaction-token';

/** Outside, refused tokens look alike; what was wrong is in the log. */
const ANSWER = '401 invalid_token';

/** R7, R8: one credential, in its place, of the one kind that is accepted. */
export const ACCESS_TOKEN_ATTACKS: Chapter = {
  title: 'Access tokens that are none',
  steps: [
    forged('alg none, unsigned', 'token_malformed', ({ facts }) =>
      withAlgNone(facts.recall('accessToken')),
    ),
    forged('alg none over the old signature', 'token_algorithm_refused', ({ facts }) =>
      withAlteredHeader(facts.recall('accessToken'), { alg: 'none' }),
    ),
    forged('HS256 keyed with the public key', 'token_algorithm_refused', withPublicKeyAsSecret),
    forged('a kid nobody published', 'token_key_unknown', ({ foreignMint }) =>
      foreignMint.accessToken(),
    ),
    forged('the published kid over a foreign key', 'token_signature_invalid', (stage) =>
      stage.foreignMint.accessToken({ header: { kid: publishedKid(stage) } }),
    ),
    forged('a foreign issuer', 'token_key_unknown', ({ foreignMint }) =>
      foreignMint.accessToken({ payload: { iss: 'https://issuer.example' } }),
    ),
    forged('its own key embedded as jwk', 'token_key_reference_refused', ({ foreignMint }) =>
      foreignMint.accessToken({ header: { jwk: foreignMint.jwks.keys[0] } }),
    ),
    forged('header altered', 'token_signature_invalid', ({ facts }) =>
      withAlteredHeader(facts.recall('accessToken'), { typ: 'application/at+jwt' }),
    ),
    forged('claims altered', 'token_signature_invalid', ({ facts }) =>
      withAlteredClaims(facts.recall('accessToken'), { scope: 'keys:manage' }),
    ),
    forged('signature altered', 'token_signature_invalid', ({ facts }) =>
      withAlteredSignature(facts.recall('accessToken')),
    ),
    forged('a transaction token as access token', 'token_key_reference_refused', (stage) =>
      mintTransactionToken(stage),
    ),
    refusedRequest({
      title: 'the valid token in the query',
      sent: 'GET /orders?access_token=…',
      attempt: ({ facts }) => ({
        method: 'GET',
        path: `/orders?access_token=${facts.recall('accessToken')}`,
      }),
      answer: '400 credential_in_url',
      reason: 'credential_in_url',
    }),
    refusedRequest({
      title: 'the valid token and an API key besides',
      sent: 'GET /orders with Authorization and X-API-Key',
      attempt: ({ facts }) => ({
        method: 'GET',
        path: '/orders',
        accessToken: facts.recall('accessToken'),
        headers: [['X-API-Key', 'guessed']],
      }),
      answer: '400 multiple_credentials',
      reason: 'multiple_credentials',
    }),
  ],
};

function forged(
  title: string,
  reason: string,
  forge: (stage: Stage) => string | Promise<string>,
): Step {
  return refusedRequest({
    title,
    sent: 'GET /orders',
    attempt: async (stage) => ({
      method: 'GET',
      path: '/orders',
      accessToken: await forge(stage),
    }),
    answer: ANSWER,
    reason,
  });
}

function publishedKid({ facts }: Stage): unknown {
  return decodeJson(segmentsOf(facts.recall('accessToken')).header)['kid'];
}
