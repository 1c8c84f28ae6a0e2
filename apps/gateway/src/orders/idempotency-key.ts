import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { problem } from '../problems/problem';

/** How the header is described. */
export const IDEMPOTENCY_KEY_HEADER = {
  name: 'Idempotency-Key',
  required: true,
  description: 'Chosen by the client for this order, the same when it repeats the request.',
  schema: { type: 'string', pattern: '^[!-~]{1,128}$' },
  example: '5e8d4a3c-order-1',
};

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/**
 * Supplies the `Idempotency-Key` of a request: 1 to 128 visible ASCII characters that the client chose, the same when it
 * repeats the request.
 *
 * @throws ProblemError 400 `idempotency_key_required`, `idempotency_key_invalid`
 */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parseIdempotencyKey(
    context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'],
  ),
);

export function parseIdempotencyKey(presented: string | readonly string[] | undefined): string {
  if (presented === undefined) throw problem('idempotency_key_required');
  if (typeof presented === 'string' && IDEMPOTENCY_KEY.test(presented)) return presented;
  throw problem('idempotency_key_invalid');
}
