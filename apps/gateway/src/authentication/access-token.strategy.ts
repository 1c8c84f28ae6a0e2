import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Principal } from '@sallyport/principal';
import type { AccessTokenClaims, VerifiesAccessTokens } from '@sallyport/tokens';
import { Strategy } from 'passport-jwt';
import { KeyBoundTokens } from '../dpop/key-bound-tokens';
import { ACCESS_TOKEN_VERIFIER } from './access-token-verifier.token';
import { verifiedBy } from './jwt-verifier';
import { hasDpopScheme, presentedToken } from './presented-access-token';
import { principalOfClaims } from './principal-of-claims';
import { UnboundTokensVerifier } from './unbound-tokens.verifier';

export const ACCESS_TOKEN_STRATEGY = 'access-token';

/**
 * Authenticates by the access token in `Authorization` and by nothing else: under `Bearer` (RFC 6750 section 2.1) one that
 * is bound to nothing, under `DPoP` (RFC 9449 section 7.1) one that is bound to a key, with a proof of it. Passport extracts
 * it, the access token verifier verifies it, its claims become the principal. A token that is bound to a certificate is
 * for the partner listener, whose requests are authenticated elsewhere.
 */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, ACCESS_TOKEN_STRATEGY) {
  constructor(
    @Inject(ACCESS_TOKEN_VERIFIER) verifier: VerifiesAccessTokens,
    keyBound: KeyBoundTokens,
  ) {
    const unbound = new UnboundTokensVerifier(verifier);
    super({
      jwtFromRequest: presentedToken,
      secretOrKeyProvider: verifiedBy((request) => {
        if (hasDpopScheme(request)) return keyBound.ofRequest(request);
        return request.headers['dpop'] === undefined ? unbound : unbound.besideProof;
      }),
    });
  }

  override validate(claims: AccessTokenClaims): Principal {
    return principalOfClaims(claims);
  }
}
