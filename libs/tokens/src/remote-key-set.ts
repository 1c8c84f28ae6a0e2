import type { Clock } from './clock';
import type { KeySet, VerificationKey } from './key-set';
import { holdSameKeys, parsePublishedKeys } from './published-keys';
import { RememberedMisses } from './remembered-misses';
import { TokenRejected } from './token-rejected';
import type { JwkRejected } from './verification-key';

export interface RemoteKeySetOptions {
  /** Gets the issuer's JWK Set as parsed JSON, over a channel that authenticates the issuer; heeds the signal. */
  readonly fetchKeys: (signal: AbortSignal) => Promise<unknown>;
  readonly clock: Clock;
  /** How old the set may become before it is fetched again. */
  readonly refreshAfterMs: number;
  /** How far apart two fetches are, at least, however many unknown keys are asked for. */
  readonly minFetchIntervalMs: number;
  /** For how long a `kid` the issuer did not have is not asked for again. */
  readonly rememberMissMs: number;
  /** After how long a fetch counts as failed; 5 seconds when left out. */
  readonly fetchTimeoutMs?: number;
  /** Told of every fetch that failed. */
  readonly onFetchFailed?: (error: unknown) => void;
  /** Told of every published key that is not used. */
  readonly onKeyRefused?: (refusal: JwkRejected) => void;
}

const MOST_REMEMBERED_MISSES = 1024;

/**
 * The key set of an issuer that publishes it, kept at hand.
 *
 * An unknown `kid` causes one fetch, no closer than `minFetchIntervalMs` to the one before and shared by all who wait;
 * misses are remembered, so random key ids cost the issuer nothing. A set that cannot be fetched or read leaves the last
 * good one in force. A set that arrives replaces it entirely: a key that is gone is gone.
 */
export class RemoteKeySet implements KeySet {
  readonly #options: RemoteKeySetOptions;
  readonly #misses: RememberedMisses;
  #keys: ReadonlyMap<string, VerificationKey> | undefined;
  #version = 0;
  #fetch: Promise<void> | undefined;
  #lastFetch: { readonly startedAtMs: number; readonly succeeded: boolean } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RemoteKeySetOptions) {
    this.#options = options;
    this.#misses = new RememberedMisses(options.rememberMissMs, MOST_REMEMBERED_MISSES);
  }

  get version(): number {
    return this.#version;
  }

  /** Whether a set has ever been loaded. */
  get isLoaded(): boolean {
    return this.#keys !== undefined;
  }

  /** Fetches the set now and keeps it fresh until {@link close}. Never rejects: a failed fetch is tried again. */
  async start(): Promise<void> {
    const { refreshAfterMs, minFetchIntervalMs } = this.#options;
    const succeeded = await this.refresh();
    if (this.#closed) return;
    this.#timer = setTimeout(
      () => void this.start(),
      succeeded ? refreshAfterMs : minFetchIntervalMs,
    ).unref();
  }

  /** Stops refreshing; keys at hand stay usable. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Fetches the set now, or joins the fetch under way; tells whether it succeeded. */
  async refresh(): Promise<boolean> {
    this.#fetch ??= this.#load().finally(() => {
      this.#fetch = undefined;
    });
    await this.#fetch;
    return this.#lastFetch?.succeeded ?? false;
  }

  async find(kid: string): Promise<VerificationKey | undefined> {
    const known = this.#keys?.get(kid);
    if (known !== undefined) return known;
    if (this.#keys !== undefined && this.#misses.includes(kid, this.#now())) return undefined;

    const asked = this.#fetch !== undefined || this.#mayFetch();
    const answered = asked ? await this.refresh() : (this.#lastFetch?.succeeded ?? false);
    const found = this.#keys?.get(kid);
    if (found !== undefined) return found;
    if (!answered) throw new TokenRejected('token_key_unavailable');
    if (asked) this.#misses.remember(kid, this.#now());
    return undefined;
  }

  #mayFetch(): boolean {
    if (this.#lastFetch === undefined) return true;
    const elapsedMs = this.#now() - this.#lastFetch.startedAtMs;
    // A clock that was set back must not hold up fetches until it has caught up.
    return elapsedMs < 0 || elapsedMs >= this.#options.minFetchIntervalMs;
  }

  async #load(): Promise<void> {
    const startedAtMs = this.#now();
    try {
      const { keys, refused } = parsePublishedKeys(await this.#fetchWithinTime());
      for (const refusal of refused) this.#options.onKeyRefused?.(refusal);
      if (this.#keys === undefined || !holdSameKeys(this.#keys, keys)) this.#version += 1;
      this.#keys = keys;
      this.#lastFetch = { startedAtMs, succeeded: true };
    } catch (error) {
      this.#lastFetch = { startedAtMs, succeeded: false };
      this.#options.onFetchFailed?.(error);
    }
  }

  async #fetchWithinTime(): Promise<unknown> {
    const { fetchKeys, fetchTimeoutMs = 5_000 } = this.#options;
    const signal = AbortSignal.timeout(fetchTimeoutMs);
    const expiry = new Promise<never>((_resolve, reject) => {
      signal.addEventListener(
        'abort',
        () => {
          reject(signal.reason as Error);
        },
        { once: true },
      );
    });
    return Promise.race([fetchKeys(signal), expiry]);
  }

  #now(): number {
    return this.#options.clock().getTime();
  }
}
