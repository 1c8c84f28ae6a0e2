import type { OpenAPIObject } from '@nestjs/swagger';
import type { RouteClass } from '../rate-limits/rate-limit-policy';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** draft-ietf-httpapi-ratelimit-headers-10. */
const HEADERS = {
  'RateLimit-Policy': {
    description: 'The quota the request was taken from, and its window in seconds.',
    schema: { type: 'string', example: '"read";q=600;w=60' },
  },
  RateLimit: {
    description: 'The requests that are left, and the seconds until there is a new quota.',
    schema: { type: 'string', example: '"read";r=599;t=42' },
  },
} as const;

/** Adds to an operation which quota its requests are taken from, and where its answers tell what is left. */
export function describeRateLimit(operation: Operation, routeClass: RouteClass): void {
  Object.assign(operation, { 'x-rate-limit-class': routeClass });
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response === undefined || !/^(?:2\d\d|429)$/.test(status)) continue;
    if ('description' in response) response.headers = { ...response.headers, ...HEADERS };
  }
}
