import type { ServerResponse } from 'node:http';
import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { correlationId, type HandledCalls } from '@sallyport/observability';
import { tap, type Observable } from 'rxjs';
import { httpTargetsOf } from '../declarations/declared-handlers';
import { problemOf } from '../errors/problem';
import { rpcFailureOf } from '../errors/rpc-failure';
import { carrierOf } from '../inbound/carrier';
import { inboundCallOf, type InboundCall } from '../inbound/inbound-call';
import { attachedPrincipal, attachedWorkloadTransaction } from '../inbound/principals';

/** Binds the HandledCalls that the interceptor feeds. */
export const HANDLED_CALLS = Symbol('sallyport:handled-calls');

/** Records each call whose handler has run. Interceptors come after guards: what they refuse is never recorded. */
@Injectable()
export class HandledCallInterceptor implements NestInterceptor {
  constructor(@Inject(HANDLED_CALLS) private readonly calls: HandledCalls) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const start = performance.now();
    const record = (status: string | number): void => this.#record(context, status, start);
    const isRpc = context.getType<string>() === 'rpc';
    return next.handle().pipe(
      tap({
        complete: () => record(isRpc ? 'OK' : statusOf(context)),
        error: (error: unknown) =>
          record(isRpc ? rpcFailureOf(error).status : problemOf(error).status),
      }),
    );
  }

  #record(context: ExecutionContext, status: string | number, start: number): void {
    const carrier = carrierOf(context);
    const call = inboundCallOf(carrier);
    const transaction = attachedWorkloadTransaction(carrier);
    const principal = attachedPrincipal(carrier);
    this.calls.record({
      target: call?.target ?? targetOf(context),
      status,
      durationMs: Math.round((performance.now() - start) * 1000) / 1000,
      correlationId: call?.correlationId ?? correlationId(),
      caller: call?.peer.toString(),
      callerKind: call ? serviceNameOf(call.peer) : (principal?.type ?? 'anonymous'),
      principal: principal?.id ?? transaction?.workload.toString(),
      ...(transaction && { txn: transaction.txn, job: transaction.job }),
    });
  }
}

/** The last segment of its SPIFFE ID. */
function serviceNameOf({ path }: InboundCall['peer']): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function statusOf(context: ExecutionContext): number {
  return context.switchToHttp().getResponse<Pick<ServerResponse, 'statusCode'>>().statusCode;
}

function targetOf(context: ExecutionContext): string {
  const [target = context.getHandler().name] = httpTargetsOf(
    context.getClass(),
    context.getHandler(),
  );
  return target;
}
