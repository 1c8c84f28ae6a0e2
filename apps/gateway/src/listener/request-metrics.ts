import { principalOf } from '@sallyport/nest-zero-trust';
import { DURATION_BUCKETS, type Registry } from '@sallyport/observability';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Histogram } from 'prom-client';

/** In place of a route template, for requests that were refused before a route was looked for, or have none. */
export const NO_ROUTE = 'none';

/** Whoever presents no credential, or one that is not accepted. */
const ANONYMOUS = 'anonymous';

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
]);

interface RouteSeries {
  readonly seconds: { observe(value: number): void };
  /** By status, then by caller. */
  readonly requests: Map<number, Map<string, { inc(): void }>>;
}

/**
 * Rate, failures and duration of requests, by route template, method and kind of caller: nothing a client can make up is
 * a label. The series of a request is looked up, not put together.
 */
export class RequestMetrics {
  readonly #requests: Counter<'method' | 'route' | 'status' | 'caller'>;
  readonly #seconds: Histogram<'method' | 'route'>;
  readonly #series = new Map<string, Map<string, RouteSeries>>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'sallyport_http_requests_total',
      help: 'Answered requests by method, route template, status and kind of caller.',
      labelNames: ['method', 'route', 'status', 'caller'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'sallyport_http_request_seconds',
      help: 'How long requests took from their head to the end of their answer, by method and route template.',
      labelNames: ['method', 'route'],
      buckets: [...DURATION_BUCKETS],
      registers,
    });
  }

  /** Counts every request that reaches the application. Call before the first route is added. */
  observe(instance: FastifyInstance): void {
    instance.addHook('onResponse', (request, reply, done) => {
      this.#record({
        method: request.method,
        route: request.is404 ? NO_ROUTE : (request.routeOptions.url ?? NO_ROUTE),
        status: reply.statusCode,
        caller: callerOf(request),
        seconds: reply.elapsedTime / 1000,
      });
      done();
    });
  }

  /** Counts a request that was answered before a route was looked for; its method where its head could be read. */
  countRefused(method: string | undefined, status: number): void {
    this.#counterOf(methodOf(method ?? ''), NO_ROUTE, status, ANONYMOUS).inc();
  }

  #record(answered: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly caller: string;
    readonly seconds: number;
  }): void {
    const method = methodOf(answered.method);
    const { route, status, caller, seconds } = answered;
    this.#counterOf(method, route, status, caller).inc();
    this.#seriesOf(method, route).seconds.observe(seconds);
  }

  #counterOf(method: string, route: string, status: number, caller: string): { inc(): void } {
    const { requests } = this.#seriesOf(method, route);
    let byCaller = requests.get(status);
    if (byCaller === undefined)
      requests.set(status, (byCaller = new Map<string, { inc(): void }>()));
    let counter = byCaller.get(caller);
    if (counter === undefined) {
      counter = this.#requests.labels(method, route, String(status), caller);
      byCaller.set(caller, counter);
    }
    return counter;
  }

  #seriesOf(method: string, route: string): RouteSeries {
    let routes = this.#series.get(method);
    if (routes === undefined) this.#series.set(method, (routes = new Map<string, RouteSeries>()));
    let series = routes.get(route);
    if (series === undefined) {
      series = { seconds: this.#seconds.labels(method, route), requests: new Map() };
      routes.set(route, series);
    }
    return series;
  }
}

function methodOf(presented: string): string {
  return METHODS.has(presented) ? presented : 'OTHER';
}

function callerOf(request: FastifyRequest): string {
  return principalOf(request)?.type ?? ANONYMOUS;
}
