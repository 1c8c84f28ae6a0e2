import {
  declareAccess,
  type IdentityDeclaration,
  type RequiredAuthentication,
} from './access-declaration';

/**
 * The services whose workloads may call this handler, by service name; nobody else is let in (R3).
 * Required on every handler behind mutual TLS.
 */
export function AllowCallers(service: string, ...more: readonly string[]): MethodDecorator {
  return declareAccess((access) => ({
    ...access,
    callers: [...access.callers, [service, ...more]],
  }));
}

/** The handler needs no user; one that is presented is neither read nor believed. */
export function Public(): MethodDecorator {
  return declareIdentity({ kind: 'public' });
}

/** The handler needs an authenticated principal, of whatever scope. */
export function RequirePrincipal(): MethodDecorator {
  return declareIdentity({ kind: 'principal' });
}

/** The handler needs an authenticated principal that holds every one of the scopes. */
export function RequireScopes(scope: string, ...more: readonly string[]): MethodDecorator {
  return declareIdentity({ kind: 'scopes', scopes: [scope, ...more] });
}

/**
 * The handler needs a user who is signed in, with every one of the scopes: what acts for a user by other means, an API
 * key or an OAuth client, is refused, whatever its scopes are. For a public HTTP face.
 */
export function RequireSession(...scopes: readonly string[]): MethodDecorator {
  return declareIdentity({ kind: 'session', scopes });
}

/** The handler serves the calling workload itself: a call that carries a user or a transaction is refused. gRPC only. */
export function RunAsWorkload(): MethodDecorator {
  return declareIdentity({ kind: 'workload' });
}

/**
 * The handler serves a transaction that a workload has begun: the call carries a transaction token of the transaction token
 * service, with every one of the scopes. A call that carries a user is refused. Behind mutual TLS only.
 */
export function RequireWorkloadTransaction(
  scope: string,
  ...more: readonly string[]
): MethodDecorator {
  return declareIdentity({ kind: 'workload-transaction', scopes: [scope, ...more] });
}

/**
 * The handler needs a user who has authenticated at least this strongly and at most so many seconds ago (RFC 9470), besides
 * what the declaration of its identity asks for: `@RequirePrincipal`, `@RequireScopes` or `@RequireSession`.
 *
 * Whoever has not is told what to do. On a public HTTP face that is 401 with the challenge of RFC 9470 section 3,
 * `error="insufficient_user_authentication"` with `acr_values` and `max_age`; the client has its user authenticate again
 * (sections 4 and 5) and repeats the request with the token it gets. Behind mutual TLS it is `PERMISSION_DENIED
 * insufficient_user_authentication`: the caller cannot step up, the client of its client can. A principal without a user
 * who could, an API key, an OAuth client of its own or a partner, is refused with `user_not_present`, and no challenge.
 *
 * Decided by `acr` and `auth_time` of the verified credential (section 6.1), and by nothing the client says beside it. An
 * absent value, an `acr` that is none of {@link PublicFace.authenticationClasses}, or a time that lies ahead meets no
 * requirement. What is not checked: that the token was issued after the challenge. A refresh renews neither value.
 *
 * @param required `acr` is one of the classes the application is given; `maxAge` is in whole seconds
 * @throws TypeError when `maxAge` is no whole number of seconds, at least 1
 */
export function RequireAuthentication({ acr, maxAge }: RequiredAuthentication): MethodDecorator {
  if (!Number.isSafeInteger(maxAge) || maxAge < 1) {
    throw new TypeError('maxAge is a whole number of seconds, at least 1');
  }
  return declareAccess((access) => ({
    ...access,
    authentications: [...access.authentications, { acr, maxAge }],
  }));
}

function declareIdentity(identity: IdentityDeclaration): MethodDecorator {
  return declareAccess((access) => ({
    ...access,
    identities: [...access.identities, identity],
  }));
}
