export const PRINCIPAL_TYPES = ['user', 'client', 'partner'] as const;

/** What kind of party acts: a person, an API client, or a partner organisation known by its certificate. */
export type PrincipalType = (typeof PRINCIPAL_TYPES)[number];

/** The first-party client: the console, and whoever else signs in with a password (RFC 9068 `client_id`). */
export const FIRST_PARTY_CLIENT_ID = 'sallyport-web';

/** On whose behalf a request is made, as the gateway authenticated it. */
export interface Principal {
  /** The subject at the issuer. */
  readonly id: string;
  readonly type: PrincipalType;
  /** What the presented credential allows; may be empty. */
  readonly scopes: ReadonlySet<string>;
  /** The OAuth client the principal acts through. */
  readonly clientId?: string;
  readonly sessionId?: string;
  /** Authentication context class, OpenID Connect Core §2. */
  readonly acr?: string;
  /** When the principal authenticated, in seconds since the epoch. */
  readonly authTime?: number;
}

/** The members of a principal, where undefined means absent. */
export type PrincipalMembers = {
  readonly [Member in keyof Principal]: Principal[Member] | undefined;
} & Pick<Principal, 'id' | 'type' | 'scopes'>;

/** Builds an immutable principal, leaving out absent members. It does not check their syntax. */
export function createPrincipal(members: PrincipalMembers): Principal {
  const { id, type, scopes, clientId, sessionId, acr, authTime } = members;
  return Object.freeze({
    id,
    type,
    scopes,
    ...(clientId !== undefined && { clientId }),
    ...(sessionId !== undefined && { sessionId }),
    ...(acr !== undefined && { acr }),
    ...(authTime !== undefined && { authTime }),
  });
}

export function isPrincipalType(value: unknown): value is PrincipalType {
  return PRINCIPAL_TYPES.some((type) => type === value);
}

/** Whether a value is a time in whole seconds since the epoch. */
export function isEpochSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
