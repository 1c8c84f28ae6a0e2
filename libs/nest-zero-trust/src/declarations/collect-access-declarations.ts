import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { IdentityDeclaration, RequiredAuthentication } from './access-declaration';
import { declaredHandlers, type DeclaredHandler } from './declared-handlers';

/** Who may reach one target, as a snapshot shows it in review. */
export interface AccessDeclaration {
  /** `OrdersController.create` */
  readonly handler: string;
  readonly transport: 'grpc' | 'http';
  /** `sallyport.orders.v1.OrdersService/CreateOrder` or `POST /orders` */
  readonly target: string;
  /** Service names; absent where none are declared. */
  readonly callers?: readonly string[];
  /** `public`, `principal`, `workload`, `scopes a b`, `session a b`, `workload-transaction a b`; `undeclared` or several joined by `+` never start. */
  readonly identity: string;
  /** `urn:example:acr:mfa within 300 s`; absent where an authentication of any kind and age will do. */
  readonly authentication?: string;
}

/** The access declarations of all handlers, sorted by transport and target. */
export function collectAccessDeclarations(
  app: INestApplicationContext,
): readonly AccessDeclaration[] {
  return declaredHandlers(app.get(ModulesContainer, { strict: false }))
    .flatMap(declarationsOf)
    .sort((one, other) => compare(sortKey(one), sortKey(other)));
}

function declarationsOf(handler: DeclaredHandler): readonly AccessDeclaration[] {
  const { name, transport, targets, access } = handler;
  return targets.map((target) => ({
    handler: name,
    transport,
    target,
    ...(access.callers.length > 0 && { callers: access.callers.flat().sort() }),
    identity: access.identities.map(describe).join(' + ') || 'undeclared',
    ...(access.authentications.length > 0 && {
      authentication: access.authentications.map(describeAuthentication).join(' + '),
    }),
  }));
}

function describe(identity: IdentityDeclaration): string {
  return 'scopes' in identity ? [identity.kind, ...identity.scopes].join(' ') : identity.kind;
}

function describeAuthentication({ acr, maxAge }: RequiredAuthentication): string {
  return `${acr} within ${maxAge} s`;
}

function sortKey({ transport, target, handler }: AccessDeclaration): string {
  return `${transport} ${target} ${handler}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
