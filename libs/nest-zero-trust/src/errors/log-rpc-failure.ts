import { correlationId, type Logger } from '@sallyport/observability';
import { rpcFailureOf, type RpcFailure } from './rpc-failure';

/** Maps what a call threw, and leaves in the log what does not travel: detail, cause, stack. */
export function logRpcFailure(logger: Logger, exception: unknown): RpcFailure {
  const failure = rpcFailureOf(exception);
  const { status, reason, detail, isDefect } = failure;
  const common = { correlationId: correlationId(), status, reason };
  if (isDefect) {
    logger.error({ event: 'defect', ...common, error: exception });
  } else {
    const error = exception instanceof Error ? exception.cause : undefined;
    logger.info({ event: 'rpc_failed', ...common, detail, error });
  }
  return failure;
}
