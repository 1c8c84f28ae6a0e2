import type { Logger } from './logger';
import type { Readiness } from './readiness';

/**
 * Logs each check when it goes down or comes up again, and not at every question in between: platforms
 * ask every few seconds, and a service that is still starting is asked more often.
 */
export class ReadinessStates {
  readonly #down = new Set<string>();

  constructor(private readonly logger: Logger) {}

  /** @param failures why the checks that are down are */
  enter({ checks }: Readiness, failures: ReadonlyMap<string, unknown>): void {
    for (const [check, state] of Object.entries(checks)) {
      if (state === 'up') {
        if (this.#down.delete(check)) this.logger.info({ event: 'ready_again', check });
      } else if (!this.#down.has(check)) {
        this.#down.add(check);
        this.logger.warn({ event: 'not_ready', check, detail: messageOf(failures.get(check)) });
      }
    }
  }
}

function messageOf(reason: unknown): string {
  const message: unknown =
    typeof reason === 'object' && reason !== null && 'message' in reason ? reason.message : reason;
  return String(message);
}
