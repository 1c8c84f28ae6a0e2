import type { FastifyInstance } from 'fastify';

interface Route {
  readonly segments: readonly string[];
  readonly methods: readonly string[];
}

/** Remembers the routes of an application, to tell a wrong method from a path that does not exist. */
export class KnownRoutes {
  readonly #routes: Route[] = [];

  /** Call before the first route is added. */
  constructor(instance: FastifyInstance) {
    instance.addHook('onRoute', ({ url, method }) => {
      this.#routes.push({ segments: url.split('/'), methods: [method].flat() });
    });
  }

  /** The methods that exist at a path, sorted; empty when none does. */
  methodsAt(path: string): readonly string[] {
    const segments = path.split('/');
    const methods = this.#routes.flatMap((route) =>
      matches(route.segments, segments) ? route.methods : [],
    );
    return [...new Set(methods)].sort();
  }
}

/** Whether a path has the form of a route such as `/orders/:id`. */
function matches(route: readonly string[], path: readonly string[]): boolean {
  return (
    route.length === path.length &&
    route.every((segment, index) =>
      segment.startsWith(':') ? path[index] !== '' : segment === path[index],
    )
  );
}
