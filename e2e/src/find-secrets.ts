/** Enough to tell secrets apart, which are random, and to look each up by. */
const PREFIX_LENGTH = 12;

/** Finds secrets in texts, however many of both there are: every place of a text is looked up once. */
export class SecretFinder {
  readonly #byPrefix = new Map<string, string[]>();

  /** @param secrets each of at least twelve characters */
  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) {
      if (secret.length < PREFIX_LENGTH) throw new TypeError('a secret is too short to look for');
      const prefix = secret.slice(0, PREFIX_LENGTH);
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), secret]);
    }
  }

  /** The first secret that stands in the text; undefined when there is none. */
  find(text: string): string | undefined {
    for (let at = 0; at + PREFIX_LENGTH <= text.length; at += 1) {
      const candidates = this.#byPrefix.get(text.slice(at, at + PREFIX_LENGTH));
      const found = candidates?.find((secret) => text.startsWith(secret, at));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
