import { SchemaBehind } from '@sallyport/persistence';
import { setTimeout as delay } from 'node:timers/promises';

/** Less than a readiness check may take. */
const WAIT_MS = 500;

/**
 * Whether the gateway's database is behind, as far as is known. The gateway serves while its database is away, so only an answer
 * that says so counts; once it was seen up to date it is not asked again.
 */
export class SchemaLookout {
  #isCurrent = false;
  #behind: SchemaBehind | undefined;
  #lookUp: Promise<void> | undefined;

  /** @param assertSchema rejects with `SchemaBehind`, or with anything else when there is no answer */
  constructor(private readonly assertSchema: () => Promise<void>) {}

  /** @throws SchemaBehind */
  async check(): Promise<void> {
    if (this.#isCurrent) return;
    this.#lookUp ??= this.#look().finally(() => (this.#lookUp = undefined));
    await Promise.race([this.#lookUp, delay(WAIT_MS, undefined, { ref: false })]);
    if (this.#behind !== undefined) throw this.#behind;
  }

  async #look(): Promise<void> {
    try {
      await this.assertSchema();
      this.#behind = undefined;
      this.#isCurrent = true;
    } catch (error) {
      if (error instanceof SchemaBehind) this.#behind = error;
    }
  }
}
