import { ModulesContainer } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import { declaredHandlers, type DeclaredHandler } from './declared-handlers';
import { UndeclaredHandlerError } from './undeclared-handler.error';

/** Whether the HTTP handlers of an application listen behind mutual TLS, or to the public. */
export type HttpFace = 'mutual-tls' | 'public';

/** The authentication context classes an application knows, the weakest first: `readonly string[]`. */
export const KNOWN_AUTHENTICATION_CLASSES = Symbol('sallyport:authentication-classes');

/** The face an application's modules have chosen. */
export const HTTP_FACE = Symbol('sallyport:http-face');

/**
 * Deny by default, at boot: every handler declares exactly one identity, and its callers when it is
 * behind mutual TLS. {@link ZeroTrustModule} calls this when the application starts.
 *
 * @throws {UndeclaredHandlerError} which names every handler at fault
 */
export function assertEveryHandlerDeclares(app: INestApplicationContext): void {
  validateDeclarations(
    app.get(ModulesContainer, { strict: false }),
    app.get<HttpFace>(HTTP_FACE, { strict: false }),
    app.get<readonly string[]>(KNOWN_AUTHENTICATION_CLASSES, { strict: false }),
  );
}

/** @throws {UndeclaredHandlerError} */
export function validateDeclarations(
  modules: ModulesContainer,
  face: HttpFace,
  classes: readonly string[],
): void {
  const problems = declaredHandlers(modules).flatMap((handler) =>
    [...findProblems(handler, face), ...findAuthenticationProblems(handler, classes)].map(
      (problem) => `${handler.name} ${problem}`,
    ),
  );
  if (problems.length > 0) throw new UndeclaredHandlerError(problems.sort());
}

function* findProblems(handler: DeclaredHandler, face: HttpFace): Generator<string> {
  const { transport, access, isTyped } = handler;
  const { callers, identities } = access;
  if (!isTyped) yield 'is bound to a message pattern instead of @RpcMethod';
  if (identities.length === 0) {
    yield 'declares neither @Public, @RequirePrincipal, @RequireScopes, @RequireSession, @RunAsWorkload nor @RequireWorkloadTransaction';
  }
  if (identities.length > 1) {
    yield `contradicts itself: ${identities.map(({ kind }) => DECORATOR_OF[kind]).join(', ')}`;
  }
  const namesCallers = transport === 'grpc' || face === 'mutual-tls';
  if (namesCallers && callers.length === 0) yield 'declares no @AllowCallers';
  if (!namesCallers && callers.length > 0) yield 'declares @AllowCallers on a public HTTP face';
  if (callers.length > 1) yield 'declares @AllowCallers more than once';
  if (transport === 'http' && identities.some(({ kind }) => kind === 'workload')) {
    yield 'declares @RunAsWorkload, which is for gRPC';
  }
  if (!namesCallers && identities.some(({ kind }) => kind === 'workload-transaction')) {
    yield 'declares @RequireWorkloadTransaction on a public HTTP face';
  }
  if (namesCallers && identities.some(({ kind }) => kind === 'session')) {
    yield 'declares @RequireSession, which is for a public HTTP face';
  }
}

function* findAuthenticationProblems(
  { access: { authentications, identities } }: DeclaredHandler,
  classes: readonly string[],
): Generator<string> {
  if (authentications.length > 1) yield 'declares @RequireAuthentication more than once';
  for (const { acr } of authentications) {
    if (!classes.includes(acr)) yield `requires an authentication class nobody knows: ${acr}`;
  }
  if (authentications.length > 0 && !identities.some(({ kind }) => NAMES_A_USER.has(kind))) {
    yield 'declares @RequireAuthentication where nobody has to authenticate';
  }
}

const NAMES_A_USER: ReadonlySet<string> = new Set(['principal', 'scopes', 'session']);

const DECORATOR_OF = {
  public: '@Public',
  principal: '@RequirePrincipal',
  scopes: '@RequireScopes',
  session: '@RequireSession',
  workload: '@RunAsWorkload',
  'workload-transaction': '@RequireWorkloadTransaction',
} as const;
