import type { IncomingMessage } from 'node:http';
import type { FastifyServerOptions } from 'fastify';
import { presentedCertificateOf } from '../partners/presented-certificate';

type RouterOptions = NonNullable<FastifyServerOptions['routerOptions']>;
type ConstraintStrategy = NonNullable<RouterOptions['constraints']>[string];
type Storage = ReturnType<ConstraintStrategy['storage']>;

/**
 * Lets two handlers have the same method and path, one for each listener: `@RouteConstraints({ listener: 'partner' })`.
 * A route without it is found by both; whether it serves both, `ServedOn` says.
 */
export const LISTENER_CONSTRAINT: ConstraintStrategy = {
  name: 'listener',
  storage: () => {
    const handlers = new Map<unknown, Parameters<Storage['set']>[1]>();
    return {
      get: (listener) => handlers.get(listener) ?? null,
      set: (listener, handler) => {
        handlers.set(listener, handler);
      },
    };
  },
  deriveConstraint: (request: IncomingMessage) =>
    presentedCertificateOf(request) === undefined ? 'public' : 'partner',
  validate: () => true,
  mustMatchWhenDerived: false,
};
