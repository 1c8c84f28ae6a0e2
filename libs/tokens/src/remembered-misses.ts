/** Remembers, for a while and up to a number, what was looked for in vain; the oldest is forgotten first. */
export class RememberedMisses {
  /** When each miss is forgotten, in the order they were remembered. */
  readonly #forgottenAtMs = new Map<string, number>();

  constructor(
    private readonly forMs: number,
    private readonly most: number,
  ) {}

  includes(name: string, nowMs: number): boolean {
    const forgottenAtMs = this.#forgottenAtMs.get(name);
    if (forgottenAtMs === undefined) return false;
    if (forgottenAtMs > nowMs) return true;
    this.#forgottenAtMs.delete(name);
    return false;
  }

  remember(name: string, nowMs: number): void {
    this.#forgottenAtMs.delete(name);
    this.#forgottenAtMs.set(name, nowMs + this.forMs);
    if (this.#forgottenAtMs.size <= this.most) return;
    for (const oldest of this.#forgottenAtMs.keys()) {
      this.#forgottenAtMs.delete(oldest);
      return;
    }
  }
}
