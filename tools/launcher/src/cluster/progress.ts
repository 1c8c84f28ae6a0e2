const PART_WIDTH = 16;

/** Runs parts of the start and tells each one's end and time in a line. */
export class Progress {
  constructor(private readonly tell: (line: string) => void) {}

  /** @param describe what to say beside the name once it is done */
  async of<T>(part: string, run: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    const startedAt = performance.now();
    const result = await run();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    this.tell(`${part.padEnd(PART_WIDTH)} ${seconds.padStart(5)} s  ${describe(result)}`.trimEnd());
    return result;
  }
}
