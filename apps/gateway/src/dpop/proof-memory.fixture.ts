import type { RemembersProofs } from './proof-memory';

/** Remembers for ever, and can be away. */
export class FakeProofMemory implements RemembersProofs {
  readonly #presented = new Set<string>();
  /** The ids it was asked for. */
  readonly asked: string[] = [];
  isDown = false;

  isFirst(keyThumbprint: string, jti: string): Promise<boolean> {
    this.asked.push(jti);
    if (this.isDown) return Promise.reject(new Error('the memory is away'));
    const key = `${keyThumbprint}.${jti}`;
    const isFirst = !this.#presented.has(key);
    this.#presented.add(key);
    return Promise.resolve(isFirst);
  }
}
