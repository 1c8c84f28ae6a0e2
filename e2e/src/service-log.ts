import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

const CHUNK_BYTES = 256 * 1024;

/** Follows the JSON-lines log of one service; each line is read and parsed once. */
export class ServiceLog {
  readonly #lines: LogLine[] = [];
  readonly #file: string;
  #offset: number;
  #rest = Buffer.alloc(0);
  /** Whether what is read first may be the end of a line. */
  #isAmidLine: boolean;

  /** @param lookBackBytes about how much is read of what was written before; all unless given. */
  constructor(file: string, { lookBackBytes = Infinity } = {}) {
    this.#file = file;
    // One more, to see whether that is where a line begins.
    this.#offset = Math.max(0, statSync(file).size - lookBackBytes - 1);
    this.#isAmidLine = this.#offset > 0;
  }

  /** All lines written so far, oldest first. What is no JSON object, such as a runtime's warning, is left out. */
  lines(): readonly LogLine[] {
    this.#readOn();
    return this.#lines;
  }

  #readOn(): void {
    // Asked for every few milliseconds.
    if (statSync(this.#file).size === this.#offset) return;
    const file = openSync(this.#file, 'r');
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      let length = readSync(file, chunk, 0, CHUNK_BYTES, this.#offset);
      while (length > 0) {
        this.#offset += length;
        this.#take(chunk.subarray(0, length));
        length = readSync(file, chunk, 0, CHUNK_BYTES, this.#offset);
      }
    } finally {
      closeSync(file);
    }
  }

  #take(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const end = bytes.lastIndexOf('\n') + 1;
    this.#rest = Buffer.from(bytes.subarray(end));
    const lines = bytes.toString('utf8', 0, end).split('\n');
    if (this.#isAmidLine && end > 0) {
      lines.shift();
      this.#isAmidLine = false;
    }
    for (const line of lines) {
      if (line.startsWith('{')) this.#lines.push(JSON.parse(line) as LogLine);
    }
  }
}
