import { declareAccess, type IdentityDeclaration } from './access-declaration';

/**
 * The services whose workloads may call this handler, by service name; nobody else is let in (R3).
 * Required on every handler behind mutual TLS.
 */
export function AllowCallers(service: string, ...more: readonly string[]): MethodDecorator {
  return declareAccess(({ callers, identities }) => ({
    callers: [...callers, [service, ...more]],
    identities,
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

function declareIdentity(identity: IdentityDeclaration): MethodDecorator {
  return declareAccess(({ callers, identities }) => ({
    callers,
    identities: [...identities, identity],
  }));
}
