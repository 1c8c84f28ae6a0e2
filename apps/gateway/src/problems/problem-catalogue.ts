/** One kind of problem: with which statuses it is answered, and what it tells the client. */
interface CataloguedProblem {
  readonly statuses: readonly [number, ...number[]];
  /** A sentence for who has to mend it. */
  readonly means: string;
}

type Catalogue = Readonly<Record<string, CataloguedProblem>>;

/** Problems of the request itself, before anybody asks who sends it. */
const REQUEST = {
  bad_request: { statuses: [400], means: 'The request is not understood.' },
  body_malformed: { statuses: [400], means: 'The body is no JSON, or names a prototype.' },
  body_not_expected: { statuses: [400], means: 'A GET or HEAD comes with a body.' },
  body_too_large: { statuses: [413], means: 'The body is larger than this API takes.' },
  consent_not_found: { statuses: [404], means: 'The caller allowed this client nothing.' },
  credential_in_url: {
    statuses: [400],
    means: 'A credential stands in the URL. Withdraw it: URLs are logged on their way.',
  },
  credential_misplaced: {
    statuses: [400],
    means: 'A credential stands in a header or cookie this API takes none from.',
  },
  expectation_failed: { statuses: [417], means: 'An `Expect` that is not `100-continue`.' },
  framing_ambiguous: {
    statuses: [400],
    means: 'Where the body ends could be read in two ways.',
  },
  header_alias: {
    statuses: [400],
    means: 'A header that decides something comes under another spelling, such as `X_API_Key`.',
  },
  header_repeated: { statuses: [400], means: 'A header of which there is to be one comes twice.' },
  headers_too_large: { statuses: [431], means: 'The head of the request is too large.' },
  hop_by_hop_refused: {
    statuses: [400],
    means: '`Connection`, `TE` or `Proxy-Connection` says more than this API has use for.',
  },
  host_malformed: { statuses: [400], means: '`Host` is no host.' },
  host_not_single: { statuses: [400], means: 'There is no `Host`, or more than one.' },
  http_version_unsupported: { statuses: [505], means: 'Another version than HTTP/1.1.' },
  https_required: {
    statuses: [400],
    means: 'Plain HTTP. What came with it is leaked; only tokens are withdrawn.',
  },
  identity_header_spoofed: {
    statuses: [400],
    means: 'A header or trailer of a name that only this system itself may set.',
  },
  media_type_unsupported: { statuses: [415], means: 'The body is not of the media type taken.' },
  method_not_allowed: { statuses: [405], means: 'The path exists, but not with this method.' },
  multiple_credentials: { statuses: [400], means: 'More than one credential is presented.' },
  not_acceptable: { statuses: [406], means: 'Nothing the client accepts can be answered.' },
  not_found: { statuses: [404], means: 'There is nothing at this path.' },
  path_not_normalised: { statuses: [400], means: 'The path could be read in two ways.' },
  request_malformed: { statuses: [400], means: 'The bytes are no HTTP request.' },
  request_refused: { statuses: [400, 409], means: 'The request is refused for another reason.' },
  request_timeout: { statuses: [408], means: 'The request came too slowly.' },
  too_many_headers: { statuses: [431], means: 'More than 100 headers.' },
  trailer_refused: { statuses: [400], means: 'A header that is read before the body as trailer.' },
  upgrade_refused: { statuses: [400], means: 'The connection is to change its protocol.' },
  uri_too_long: { statuses: [414], means: 'The request target is too long.' },
  validation_failed: {
    statuses: [400],
    means: 'Fields are missing, unknown or wrong; `violations` names them.',
  },
} as const satisfies Catalogue;

/** Problems of who asks, and of what they may. */
const ACCESS = {
  authentication_unavailable: {
    statuses: [503],
    means: 'Whether the credential is good cannot be told now. Try again.',
  },
  certificate_refused: {
    statuses: [401],
    means: 'The certificate of the connection is not accepted, or not any more.',
  },
  credential_missing: { statuses: [401], means: 'No credential is presented.' },
  cross_site_request: { statuses: [403], means: 'A page of another origin asks.' },
  forbidden: { statuses: [403], means: 'This is not allowed.' },
  insufficient_scope: {
    statuses: [403],
    means: 'The credential lacks a scope; `WWW-Authenticate` names those it takes.',
  },
  insufficient_user_authentication: {
    statuses: [401],
    means:
      'The user authenticated too weakly or too long ago (RFC 9470). `acr_values` and `max_age` say what is needed: step up, and repeat the request.',
  },
  invalid_api_key: {
    statuses: [401],
    means: 'The API key is not accepted. Why is not told; its owner sees the state of each key.',
  },
  invalid_client: {
    statuses: [401],
    means: 'The certificate gets no token (RFC 6749 section 5.2).',
  },
  invalid_credentials: { statuses: [401], means: 'E-mail address or password are not right.' },
  invalid_dpop_proof: {
    statuses: [401],
    means: 'The DPoP proof is not accepted, or was presented before. Make another one.',
  },
  invalid_grant: { statuses: [401], means: 'The refresh token is not accepted. Sign in again.' },
  invalid_request: {
    statuses: [400],
    means: 'A form lacks a parameter, or repeats one (RFC 6749 section 5.2).',
  },
  invalid_scope: {
    statuses: [400],
    means:
      'A scope is asked for that is none, or that the client does not hold (RFC 6749 section 5.2).',
  },
  invalid_token: { statuses: [401], means: 'The access token is not accepted. Get another one.' },
  mfa_refused: {
    statuses: [401],
    means:
      'The challenge or the code is not accepted; why is not told. After some codes sign in again.',
  },
  mfa_required: {
    statuses: [401],
    means:
      'The password is right; a code is needed too. `mfaToken` and `methods` are for `/auth/mfa/verify`.',
  },
  user_not_present: {
    statuses: [403],
    means:
      'This takes a user who has just authenticated; behind the credential there is none who could.',
  },
  session_required: {
    statuses: [403],
    means: 'This is for people who have signed in; the credential is not one of theirs.',
  },
  rate_limited: {
    statuses: [429],
    means: 'No requests are left in this minute. `Retry-After` says when to go on.',
  },
  session_ended: { statuses: [401], means: 'The session has ended. Sign in again.' },
  too_many_attempts: { statuses: [429], means: 'Too many attempts. Wait.' },
  too_many_requests: { statuses: [429], means: 'Too many requests. Wait.' },
  scope_not_held: {
    statuses: [403],
    means: 'A key is to have a scope that the session which makes it has not.',
  },
  unsupported_grant_type: {
    statuses: [400],
    means: 'The token endpoint knows no such grant (RFC 6749 section 5.2).',
  },
  unauthenticated: { statuses: [401], means: 'A credential is needed.' },
} as const satisfies Catalogue;

/** Problems with what is asked for. */
const RESOURCES = {
  account_not_found: { statuses: [404], means: 'There is no such account.' },
  api_key_expiry_invalid: {
    statuses: [400],
    means: '`expiresAt` has passed, or is more than ten years away.',
  },
  api_key_name_invalid: { statuses: [400], means: 'The name holds what cannot be shown.' },
  api_key_overlap_invalid: { statuses: [400], means: 'An overlap is 0 to 2,592,000 seconds.' },
  api_key_scopes_invalid: {
    statuses: [400],
    means: 'No API key may have `api-keys:manage`, nor no scope at all.',
  },
  api_key_not_found: { statuses: [404], means: 'There is no such live API key of the caller.' },
  client_address_invalid: { statuses: [400], means: 'Where the request comes from is unknown.' },
  duplicate_product: { statuses: [400], means: 'An order names a product twice.' },
  email_invalid: { statuses: [400], means: 'That is no e-mail address.' },
  factor_not_found: { statuses: [404], means: 'The account has no such second factor.' },
  factor_required: {
    statuses: [409],
    means: 'The account has to have a second factor. Replace it instead.',
  },
  idempotency_key_invalid: { statuses: [400], means: '`Idempotency-Key` is not of its form.' },
  idempotency_key_required: { statuses: [400], means: '`Idempotency-Key` is missing.' },
  idempotency_key_reused: {
    statuses: [409],
    means: 'Another order was placed with this `Idempotency-Key`.',
  },
  invoice_not_found: { statuses: [404], means: 'There is no such invoice of the caller.' },
  invoice_not_refundable: {
    statuses: [409],
    means: 'The invoice was voided when its order was cancelled: there is nothing left to refund.',
  },
  items_out_of_range: { statuses: [400], means: 'An order has too few or too many items.' },
  longer_password_required: {
    statuses: [409],
    means: 'The password is too short to be the only factor. Choose a longer one first.',
  },
  no_signing_key_prepared: { statuses: [409], means: 'There is no key that could be activated.' },
  oauth_client_exists: { statuses: [409], means: 'The client id is taken.' },
  oauth_client_has_no_secret: { statuses: [409], means: 'The client authenticates otherwise.' },
  oauth_client_id_invalid: { statuses: [400], means: 'The client id is not of its form.' },
  oauth_client_metadata_invalid: {
    statuses: [400],
    means: 'Scopes, keys, authentication or grants of the client do not go together.',
  },
  oauth_client_name_invalid: { statuses: [400], means: 'The name of the client is not printable.' },
  oauth_client_not_found: { statuses: [404], means: 'There is no such client.' },
  oauth_overlap_invalid: { statuses: [400], means: 'An overlap is 0 to 30 days.' },
  oauth_redirect_uri_invalid: {
    statuses: [400],
    means: 'A redirect URI is missing, or none that such a client may have.',
  },
  order_not_found: { statuses: [404], means: 'There is no such order of the caller.' },
  page_size_out_of_range: { statuses: [400], means: 'A page has 1 to 100 rows.' },
  page_token_invalid: { statuses: [400], means: '`cursor` is not one this list has given.' },
  password_breached: { statuses: [400], means: 'The password is known from a breach.' },
  password_required: {
    statuses: [409],
    means: 'The last second factor is removed with the password.',
  },
  password_reset_refused: {
    statuses: [400],
    means: 'The link or code does not work (any more). Ask for another one.',
  },
  password_too_common: { statuses: [400], means: 'Too many people use this password.' },
  password_too_long: { statuses: [400], means: 'The password is too long.' },
  password_too_personal: {
    statuses: [400],
    means: 'The password is made of the e-mail address or the name of the system.',
  },
  password_too_short: { statuses: [400], means: 'The password is too short.' },
  quantity_out_of_range: { statuses: [400], means: 'The quantity of an item is out of range.' },
  registration_confirmation_refused: {
    statuses: [400],
    means: 'The link or code does not work (any more). Register again for another one.',
  },
  registration_refused: { statuses: [409], means: 'No account is opened for this address.' },
  session_not_found: { statuses: [404], means: 'There is no such live session of the caller.' },
  signing_key_active: { statuses: [409], means: 'The key signs. Activate another one first.' },
  signing_key_already_prepared: { statuses: [409], means: 'A key is prepared already.' },
  signing_key_not_found: { statuses: [404], means: 'There is no such key.' },
  signing_key_published_too_recently: {
    statuses: [409],
    means: 'Verifiers may not have seen the key yet. Wait, or say `immediately`.',
  },
  signing_key_tainted: { statuses: [409], means: 'The key was withdrawn.' },
  too_many_api_keys: {
    statuses: [429],
    means: 'The account has as many live API keys as it may. Revoke one.',
  },
  unknown_product: { statuses: [400], means: 'An order names a product that does not exist.' },
} as const satisfies Catalogue;

/** Problems that are this system's own. */
const OWN = {
  dependency_unavailable: { statuses: [503], means: 'Something this needs is away. Try again.' },
  internal_error: { statuses: [500], means: 'A defect. Report the correlation id.' },
  keys_unavailable: { statuses: [503], means: 'The key set has not arrived yet. Try again.' },
  server_busy: { statuses: [503, 429], means: 'Too much is asked at this moment. Try again.' },
  service_unavailable: { statuses: [503], means: 'A service is away. Try again.' },
  upstream_refused: {
    statuses: [502],
    means: 'A service does not take calls of this gateway. Report the correlation id.',
  },
} as const satisfies Catalogue;

/**
 * Every code a problem of this API can have (RFC 9457). Codes are stable: one is added, never given another meaning. What
 * is not listed is never answered: {@link ProblemExceptionFilter} puts the code of the status in its place.
 */
export const PROBLEMS = { ...REQUEST, ...ACCESS, ...RESOURCES, ...OWN };

/** The same, as people look them up. */
export const PROBLEM_GROUPS: Readonly<Record<string, Catalogue>> = {
  'The request': REQUEST,
  'Who asks': ACCESS,
  'What is asked for': RESOURCES,
  'On this side': OWN,
};

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_CODES: ReadonlySet<string> = new Set(Object.keys(PROBLEMS));
