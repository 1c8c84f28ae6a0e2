/** Database<AuthTables> of @sallyport/persistence. */
export const DATABASE = Symbol('Database');
/** Logger of @sallyport/observability. */
export const LOGGER = Symbol('Logger');
/** Clock of @sallyport/tokens. */
export const CLOCK = Symbol('Clock');
/** AccessTokenProfile. */
export const TOKEN_PROFILE = Symbol('TokenProfile');
/** {@link ClientAddresses}. */
export const CLIENT_ADDRESSES = Symbol('ClientAddresses');
/** Where clients present certificates: the base URL of the gateway's partner listener, or undefined. */
export const PARTNER_URL = Symbol('PartnerUrl');
/** {@link DpopNoncePolicy}. */
export const DPOP_NONCE_POLICY = Symbol('DpopNoncePolicy');
/** SecurityEvents of @sallyport/observability. */
export const SECURITY_EVENTS = Symbol('SecurityEvents');
