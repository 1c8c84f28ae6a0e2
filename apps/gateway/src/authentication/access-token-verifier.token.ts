/** VerifiesAccessTokens, bound to what the application was given. */
export const ACCESS_TOKEN_VERIFIER = Symbol('AccessTokenVerifier');
