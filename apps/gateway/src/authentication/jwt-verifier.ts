import type { AccessTokenClaims, VerifiesAccessTokens } from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { Strategy, type SecretOrKeyProvider } from 'passport-jwt';

type Done = (error: unknown, claims?: AccessTokenClaims) => void;
type JwtVerifier = (
  presentedToken: string,
  verifier: VerifiesAccessTokens,
  options: unknown,
  done: Done,
) => void;

/** The replaceable half of passport-jwt, which its types leave out. */
const replaceable = Strategy as typeof Strategy & { JwtVerifier: JwtVerifier };

// passport-jwt would hand the token to jsonwebtoken. Its "secret or key" is passed through untouched, so each strategy
// brings the verifier it uses; the property itself is one for the process.
replaceable.JwtVerifier = (presentedToken, verifier, _options, done) => {
  verifier.verify(presentedToken).then(
    (claims) => {
      done(null, claims);
    },
    (error: unknown) => {
      done(error);
    },
  );
};

/**
 * Makes a passport-jwt strategy verify with what `verifierOf` gives for the request and nothing else: there is no secret
 * it could fall back on.
 */
export function verifiedBy(
  verifierOf: (request: FastifyRequest) => VerifiesAccessTokens,
): SecretOrKeyProvider {
  return (request, _presentedToken, done) => {
    // Declared as a secret or key, received by the verifier above.
    done(null, verifierOf(request as FastifyRequest) as unknown as Buffer);
  };
}
