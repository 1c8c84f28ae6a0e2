import { parseApiKey } from '@sallyport/api-keys';
import type { Logger } from '@sallyport/observability';
import type { VerifiesAccessTokens } from '@sallyport/tokens';
import { BlockCount, blockOf } from '../listener/block-count';
import type { Exposure, ExposedCredentials } from './exposed-credentials';
import type { PresentedCredentials } from './presented-credentials';
import { worthOf } from './token-worth';

export interface ExposureQueueOptions {
  readonly exposed: ExposedCredentials;
  /** Tells access tokens from what only looks like one. */
  readonly accessTokens: VerifiesAccessTokens;
  readonly logger: Logger;
  /** So often one credential is dealt with, in milliseconds. */
  readonly everyMs?: number;
  /** How many may wait of which nobody here can tell whether they are any good; later ones are only reported. */
  readonly mostWaiting?: number;
  /** How many of those may come from one address block. */
  readonly mostWaitingPerAddress?: number;
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
 * auth-service has other things to do. Access tokens that are good come first and always find a place, so that no flood
 * keeps one in force; those that are not are nobody's loss. One that fails is tried again behind those that wait.
 */
export class ExposureQueue {
  readonly #good: Waiting[] = [];
  readonly #unknown: Waiting[] = [];
  readonly #ofBlock = new BlockCount();
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: ExposureQueueOptions) {
    this.#timer = setInterval(() => void this.#next(), options.everyMs ?? 100).unref();
  }

  add({ tokens, apiKeys }: PresentedCredentials, exposure: Exposure): void {
    const { exposed } = this.options;
    for (const token of tokens) {
      void this.#addToken(
        token,
        waiting(token, () => exposed.revokeToken(token, exposure), exposure),
      );
    }
    for (const key of apiKeys) {
      // Made-up keys have no right checksum, unless somebody has read how it is made.
      if (parseApiKey(key) === undefined) continue;
      this.#addUnknown(waiting(key, () => exposed.revokeApiKey(key, exposure), exposure));
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #addToken(token: string, added: Waiting): Promise<void> {
    const worth = await worthOf(token, this.options.accessTokens);
    if (worth === 'unknown') this.#addUnknown(added);
    else if (worth === 'good' && !isAmong(this.#good, added)) this.#good.push(added);
  }

  #addUnknown(added: Waiting): void {
    if (isAmong(this.#unknown, added)) return;
    const { logger, mostWaiting = 200, mostWaitingPerAddress = 20 } = this.options;
    const block = blockOf(added.exposure.clientAddress);
    if (this.#unknown.length < mostWaiting && this.#ofBlock.of(block) < mostWaitingPerAddress) {
      this.#unknown.push(added);
      this.#ofBlock.add(block);
    } else {
      const { exposure } = added;
      logger.warn({ event: 'exposed_credential_not_revoked', reason: 'too_many', ...exposure });
    }
  }

  async #next(): Promise<void> {
    const queue = this.#good.length > 0 ? this.#good : this.#unknown;
    const next = queue.shift();
    if (next === undefined) return;
    try {
      await next.revoke();
    } catch (error) {
      next.attempts += 1;
      if (next.attempts < MOST_ATTEMPTS) {
        queue.push(next);
        return;
      }
      const { exposure } = next;
      this.options.logger.error({ event: 'exposed_credential_not_revoked', error, ...exposure });
    }
    if (queue === this.#unknown) this.#ofBlock.remove(blockOf(next.exposure.clientAddress));
  }
}

function waiting(credential: string, revoke: () => Promise<unknown>, exposure: Exposure): Waiting {
  return { credential, revoke, exposure, attempts: 0 };
}

function isAmong(queue: readonly Waiting[], { credential }: Waiting): boolean {
  return queue.some((known) => known.credential === credential);
}
