/** Does things later, and never one before another that was added earlier, also when the delay shrinks meanwhile. */
export class InOrder {
  readonly #waiting: { readonly dueAt: number; readonly work: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param delayMs how long what is added now has to wait */
  constructor(private readonly delayMs: () => number) {}

  add(work: () => void): void {
    const delayMs = this.delayMs();
    if (delayMs <= 0 && this.#waiting.length === 0) {
      work();
      return;
    }
    this.#waiting.push({ dueAt: performance.now() + delayMs, work });
    this.#timer ??= this.#wake();
  }

  #wake(): NodeJS.Timeout {
    const [next] = this.#waiting;
    return setTimeout(() => this.#doDue(), Math.max(0, (next?.dueAt ?? 0) - performance.now()));
  }

  #doDue(): void {
    const now = performance.now();
    for (let [next] = this.#waiting; next && next.dueAt <= now; [next] = this.#waiting) {
      this.#waiting.shift();
      next.work();
    }
    this.#timer = this.#waiting.length > 0 ? this.#wake() : undefined;
  }
}
