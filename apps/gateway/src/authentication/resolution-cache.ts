export interface ResolutionCacheOptions<Resolved> {
  /** How many answers of each of the two kinds are remembered, at most. */
  readonly maxEntries: number;
  /** How long it is remembered what a credential stands for, in milliseconds. */
  readonly rememberMs: number;
  /** How long it is remembered that a credential stands for nothing, in milliseconds. */
  readonly rememberMissMs: number;
  /** Ids of all that ends what was resolved, see {@link ResolutionCache.forget}. */
  readonly idsOf: (resolved: Resolved) => readonly string[];
  /** Milliseconds from an arbitrary beginning, never going back; the process' own when left out. */
  readonly monotonicNow?: () => number;
}

interface Entry<Resolved> {
  readonly resolved: Resolved;
  readonly until: number;
}

/**
 * What presented credentials stand for, so that whoever knows is asked once a while and not on every request. Both
 * kinds of answers are bounded apart: made-up credentials push out other made-up ones, never a good one.
 *
 * It does not know about revocation by itself: {@link forget} is to be called for each one, and an answer that was on
 * its way meanwhile is not remembered.
 */
export class ResolutionCache<Resolved> {
  readonly #options: ResolutionCacheOptions<Resolved>;
  readonly #now: () => number;
  /** By credential, the one remembered longest first. */
  readonly #known = new Map<string, Entry<Resolved>>();
  readonly #misses = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<Resolved | undefined>>();
  readonly #credentialsById = new Map<string, Set<string>>();
  #forgettings = 0;

  /** @throws TypeError unless `maxEntries` is a positive whole number. */
  constructor(options: ResolutionCacheOptions<Resolved>) {
    if (!Number.isSafeInteger(options.maxEntries) || options.maxEntries < 1) {
      throw new TypeError('maxEntries has to be a positive whole number');
    }
    this.#options = options;
    this.#now = options.monotonicNow ?? (() => performance.now());
  }

  /** How many answers are remembered, of either kind. */
  get sizes(): { readonly known: number; readonly misses: number } {
    return { known: this.#known.size, misses: this.#misses.size };
  }

  /**
   * What a credential stands for; undefined when nothing. Requests that present the same one at the same time wait for
   * the same answer.
   *
   * @param credential never the secret itself: a digest of it
   * @param resolve asks whoever knows; what it throws is thrown, and not remembered
   */
  async resolve(
    credential: string,
    resolve: () => Promise<Resolved | undefined>,
  ): Promise<Resolved | undefined> {
    const now = this.#now();
    const entry = this.#known.get(credential);
    if (entry !== undefined && entry.until > now) return entry.resolved;
    if ((this.#misses.get(credential) ?? -Infinity) > now) return undefined;
    const underWay = this.#underWay.get(credential);
    if (underWay !== undefined) return underWay;

    const asked = this.#ask(credential, resolve).finally(() => {
      // After something was forgotten it may be another's turn already.
      if (this.#underWay.get(credential) === asked) this.#underWay.delete(credential);
    });
    this.#underWay.set(credential, asked);
    return asked;
  }

  /** Forgets what has this id among its own, and does not remember answers that are still on their way. */
  forget(id: string): void {
    this.#forgettings += 1;
    // Whoever presents it from now on asks anew instead of waiting for an answer that may be older.
    this.#underWay.clear();
    for (const credential of this.#credentialsById.get(id) ?? []) this.#drop(credential);
  }

  async #ask(
    credential: string,
    resolve: () => Promise<Resolved | undefined>,
  ): Promise<Resolved | undefined> {
    const { rememberMs, rememberMissMs } = this.#options;
    const forgettings = this.#forgettings;
    const resolved = await resolve();
    if (forgettings !== this.#forgettings) return resolved;
    this.#drop(credential);
    if (resolved === undefined) this.#rememberMiss(credential, this.#now() + rememberMissMs);
    else this.#remember(credential, { resolved, until: this.#now() + rememberMs });
    return resolved;
  }

  #remember(credential: string, entry: Entry<Resolved>): void {
    this.#misses.delete(credential);
    this.#known.set(credential, entry);
    for (const id of this.#options.idsOf(entry.resolved)) {
      const credentials = this.#credentialsById.get(id);
      if (credentials === undefined) this.#credentialsById.set(id, new Set([credential]));
      else credentials.add(credential);
    }
    if (this.#known.size > this.#options.maxEntries) this.#drop(oldestOf(this.#known));
  }

  #rememberMiss(credential: string, until: number): void {
    this.#misses.delete(credential);
    this.#misses.set(credential, until);
    if (this.#misses.size > this.#options.maxEntries) this.#misses.delete(oldestOf(this.#misses));
  }

  #drop(credential: string): void {
    const entry = this.#known.get(credential);
    if (entry === undefined) return;
    this.#known.delete(credential);
    for (const id of this.#options.idsOf(entry.resolved)) {
      const credentials = this.#credentialsById.get(id);
      credentials?.delete(credential);
      if (credentials?.size === 0) this.#credentialsById.delete(id);
    }
  }
}

function oldestOf(entries: ReadonlyMap<string, unknown>): string {
  for (const credential of entries.keys()) return credential;
  return '';
}
