import { addressBlock } from '@sallyport/client-address';

/** Whose addresses are counted together: those one subscriber commands; what is no address by itself. */
export function blockOf(clientAddress: string): string {
  return addressBlock(clientAddress) ?? clientAddress;
}

/** Counts what each block of client addresses holds. */
export class BlockCount {
  readonly #counts = new Map<string, number>();

  of(block: string): number {
    return this.#counts.get(block) ?? 0;
  }

  add(block: string): void {
    this.#counts.set(block, this.of(block) + 1);
  }

  remove(block: string): void {
    const left = this.of(block) - 1;
    if (left > 0) this.#counts.set(block, left);
    else this.#counts.delete(block);
  }
}
