import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Principal } from '@sallyport/principal';
import type { AccessTokenClaims, VerifiesAccessTokens } from '@sallyport/tokens';
import { Strategy } from 'passport-jwt';
import { verifiedBy } from './jwt-verifier';
import { presentedAccessToken } from './presented-access-token';
import { principalOfClaims } from './principal-of-claims';
import { UnboundTokensVerifier } from './unbound-tokens.verifier';

export const ACCESS_TOKEN_STRATEGY = 'access-token';

export const ACCESS_TOKEN_VERIFIER = Symbol('AccessTokenVerifier');

/**
 * Authenticates by the access token in `Authorization: Bearer` (RFC 6750 section 2.1) and by nothing else: Passport
 * extracts it, the access token verifier verifies it, its claims become the principal. A token that is bound to a
 * certificate is for the partner listener, whose requests are authenticated elsewhere.
 */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, ACCESS_TOKEN_STRATEGY) {
  constructor(@Inject(ACCESS_TOKEN_VERIFIER) verifier: VerifiesAccessTokens) {
    super({
      jwtFromRequest: presentedAccessToken,
      secretOrKeyProvider: verifiedBy(new UnboundTokensVerifier(verifier)),
    });
  }

  override validate(claims: AccessTokenClaims): Principal {
    return principalOfClaims(claims);
  }
}
