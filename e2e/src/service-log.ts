import { closeSync, openSync, readSync } from 'node:fs';

/** One line of a service's log. */
export type LogLine = Readonly<Record<string, unknown>>;

const CHUNK_BYTES = 256 * 1024;

/** Follows the JSON-lines log of one service; each line is read and parsed once. */
export class ServiceLog {
  readonly #lines: LogLine[] = [];
  readonly #file: string;
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(file: string) {
    this.#file = file;
  }

  /** All lines written so far, oldest first. What is no JSON object, such as a runtime's warning, is left out. */
  lines(): readonly LogLine[] {
    this.#readOn();
    return this.#lines;
  }

  #readOn(): void {
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
    for (const line of bytes.toString('utf8', 0, end).split('\n')) {
      if (line.startsWith('{')) this.#lines.push(JSON.parse(line) as LogLine);
    }
  }
}
