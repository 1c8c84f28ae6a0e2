/** A Map of at most so many entries; of a full one, the entry goes that was used least recently. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();

  /** @throws TypeError unless `maxEntries` is a positive whole number */
  constructor(readonly maxEntries: number) {
    if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
      throw new TypeError('maxEntries has to be a positive whole number');
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Returns the entry that had to go. */
  set(key: Key, value: Value): readonly [Key, Value] | undefined {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.maxEntries) return undefined;
    for (const oldest of this.#entries) {
      this.#entries.delete(oldest[0]);
      return oldest;
    }
    return undefined;
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }
}
