import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@sallyport/observability';

/**
 * Options every Nest application of the system is created with: a failed start is thrown, for
 * `runService` to print, instead of aborting the process; what the framework says goes to the log.
 */
export function nestOptions(logger: Logger): {
  readonly abortOnError: false;
  readonly logger: LoggerService;
} {
  return { abortOnError: false, logger: frameworkLogger(logger) };
}

/** The framework's notices are sentences about itself: at debug, unless something is wrong. */
function frameworkLogger(logger: Logger): LoggerService {
  const at = (level: 'debug' | 'warn' | 'error') => (message: unknown, context?: unknown) => {
    logger[level]({ event: 'framework', message, context });
  };
  return {
    log: at('debug'),
    debug: at('debug'),
    verbose: at('debug'),
    warn: at('warn'),
    error: at('error'),
  };
}
