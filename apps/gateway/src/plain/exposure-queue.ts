import type { Logger } from '@sallyport/observability';
import type { Exposure, ExposedCredentials } from './exposed-credentials';
import type { PresentedCredentials } from './presented-credentials';

export interface ExposureQueueOptions {
  readonly exposed: ExposedCredentials;
  readonly logger: Logger;
  /** So often one credential is dealt with, in milliseconds. */
  readonly everyMs?: number;
  /** How many may wait; later ones are only reported. */
  readonly mostWaiting?: number;
}

interface Waiting {
  readonly credential: string;
  readonly revoke: () => Promise<unknown>;
  readonly exposure: Exposure;
  attempts: number;
}

const MOST_ATTEMPTS = 5;

/**
 * Revokes exposed credentials one after the other, ten a second at most: anybody can send any number of made-up ones, and
 * auth-service has other things to do. One that fails is tried again behind those that wait.
 */
export class ExposureQueue {
  readonly #waiting: Waiting[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: ExposureQueueOptions) {
    this.#timer = setInterval(() => void this.#next(), options.everyMs ?? 100).unref();
  }

  add({ tokens, apiKeys }: PresentedCredentials, exposure: Exposure): void {
    const { exposed, logger, mostWaiting = 200 } = this.options;
    const added = [
      ...tokens.map((token) => [token, () => exposed.revokeToken(token, exposure)] as const),
      ...apiKeys.map((key) => [key, () => exposed.revokeApiKey(key, exposure)] as const),
    ];
    for (const [credential, revoke] of added) {
      if (this.#waiting.some((known) => known.credential === credential)) continue;
      if (this.#waiting.length < mostWaiting) {
        this.#waiting.push({ credential, revoke, exposure, attempts: 0 });
      } else {
        logger.warn({ event: 'exposed_credential_not_revoked', reason: 'too_many', ...exposure });
      }
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #next(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    try {
      await next.revoke();
    } catch (error) {
      next.attempts += 1;
      if (next.attempts < MOST_ATTEMPTS) this.#waiting.push(next);
      else {
        const { exposure } = next;
        this.options.logger.error({ event: 'exposed_credential_not_revoked', error, ...exposure });
      }
    }
  }
}
