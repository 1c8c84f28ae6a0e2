/** SecurityEvents of @sallyport/observability. */
export const SECURITY_EVENTS = Symbol('SecurityEvents');

/** Clock of @sallyport/tokens. */
export const CLOCK = Symbol('Clock');

/** Of every `WWW-Authenticate` challenge of this API. */
export const REALM = 'sallyport';

/** Publishes the keys of the access token issuer. */
export const ISSUER_KEYS = Symbol('IssuerKeys');

/** The origin clients reach this gateway at; the only one whose pages may use the cookie endpoints. */
export const PUBLIC_ORIGIN = Symbol('PublicOrigin');

/** Other origins whose pages may call this API: `ReadonlySet<string>`. */
export const ALLOWED_ORIGINS = Symbol('AllowedOrigins');

/** ReadsOwnEvents: what this gateway has recorded about accounts, for their owners. */
export const OWN_EVENTS = Symbol('OwnEvents');
