import { partOf, PARTS } from './parts';

/** How many seconds of ends are swept together. */
const SLOT_SECONDS = 64;

/**
 * Ids that are withdrawn, each until its own end: a set that forgets. Looking up allocates nothing.
 *
 * Ends are kept in slots, so that forgetting touches only what is due and never walks the whole set.
 */
export class RevokedIds {
  readonly #expiresAt = Array.from({ length: PARTS }, () => new Map<string, number>());
  readonly #slots = new Map<number, string[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    return partOf(this.#expiresAt, id).has(id);
  }

  /** @param expiresAt seconds since the epoch; of two for one id the later counts. */
  add(id: string, expiresAt: number): void {
    const part = partOf(this.#expiresAt, id);
    const known = part.get(id);
    if (known !== undefined && known >= expiresAt) return;
    if (known === undefined) this.#size += 1;
    part.set(id, expiresAt);
    const slot = Math.floor(expiresAt / SLOT_SECONDS);
    const due = this.#slots.get(slot);
    if (due === undefined) this.#slots.set(slot, [id]);
    else due.push(id);
  }

  /** Forgets up to `most` ids whose end has come, and says which. */
  sweep(nowSeconds: number, most: number): readonly string[] {
    const forgotten: string[] = [];
    const current = Math.floor(nowSeconds / SLOT_SECONDS);
    for (const [slot, due] of this.#slots) {
      if (slot >= current) continue;
      while (due.length > 0) {
        if (forgotten.length === most) return forgotten;
        const id = due.pop() ?? '';
        const part = partOf(this.#expiresAt, id);
        // One whose end was moved stands in a later slot as well.
        if ((part.get(id) ?? Infinity) > nowSeconds) continue;
        part.delete(id);
        this.#size -= 1;
        forgotten.push(id);
      }
      this.#slots.delete(slot);
    }
    return forgotten;
  }
}
