import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum';
import type { FastifyRequest } from 'fastify';
import { problem } from '../problems/problem';

const MOST_VIOLATIONS = 20;

/** The kinds of parameters by which a handler sees the query. */
const READ_QUERY: ReadonlySet<number> = new Set([RouteParamtypes.QUERY, RouteParamtypes.REQUEST]);

/**
 * Refuses a query where the handler reads none: a field nobody looks at is a mistake of the client, or meant for another
 * reader. A handler that reads a query validates it, and one that takes the whole request answers for it.
 */
@Injectable()
export class UnknownQueryGuard implements CanActivate {
  /** @throws ProblemError 400 `validation_failed` */
  canActivate(context: ExecutionContext): true {
    const { query } = context.switchToHttp().getRequest<FastifyRequest>();
    const names = Object.keys(query as Readonly<Record<string, unknown>>);
    if (names.length === 0 || readsQuery(context)) return true;
    const violations = names
      .slice(0, MOST_VIOLATIONS)
      .map((name) => ({ path: name.slice(0, 64), rule: 'unknown_field' }));
    throw problem('validation_failed', { extensions: { violations } });
  }
}

function readsQuery(context: ExecutionContext): boolean {
  const parameters: unknown = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  );
  return Object.keys(parameters ?? {}).some((key) => READ_QUERY.has(Number(key.split(':', 1)[0])));
}
