/** By what a request is counted: the credential it was authenticated by, or the address it comes from. */
export const IDENTITY_KINDS = ['user', 'client', 'api_key', 'partner', 'anonymous'] as const;

export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/**
 * What a handler costs: reading, changing something, proving a secret (a password), going on with a session, operating
 * the system.
 */
export const ROUTE_CLASSES = ['read', 'write', 'credentials', 'session', 'admin'] as const;

export type RouteClass = (typeof ROUTE_CLASSES)[number];

/** Every quota is for so many seconds, from the first request that counts. */
export const WINDOW_SECONDS = 60;

/**
 * Requests in a window, by who asks and what for (R12). Each pair is counted by itself.
 *
 * Whoever presents no credential is counted by address ({@link addressBlock}), which many may share: what is anonymous
 * has to do for an office. Nobody who is known is ever counted by address.
 */
export const RATE_LIMIT_POLICY = {
  user: { read: 600, write: 120, credentials: 20, session: 60, admin: 120 },
  client: { read: 1200, write: 240, credentials: 20, session: 60, admin: 120 },
  api_key: { read: 1200, write: 240, credentials: 20, session: 60, admin: 120 },
  partner: { read: 3000, write: 600, credentials: 20, session: 60, admin: 120 },
  anonymous: { read: 120, write: 30, credentials: 30, session: 300, admin: 30 },
} as const satisfies Readonly<Record<IdentityKind, Readonly<Record<RouteClass, number>>>>;

/** Credentials of an address that may be refused in a window before its next ones are no longer looked at. */
export const REFUSED_CREDENTIALS = 60;

/** The classes that a quota of an identity's own is for, both together. */
export const OVERRIDDEN_CLASSES: ReadonlySet<RouteClass> = new Set(['read', 'write']);
