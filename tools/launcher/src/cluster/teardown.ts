import { lineOf } from './launch-error';

/** What has to be undone, in reverse order of how it was done. */
export class Teardown {
  private readonly steps: { readonly name: string; readonly undo: () => Promise<void> | void }[] =
    [];
  private running: Promise<void> | undefined;

  constructor(private readonly report: (line: string) => void) {}

  push(name: string, undo: () => Promise<void> | void): void {
    this.steps.push({ name, undo });
  }

  /** Undoes everything once; a step that fails is reported and does not keep the others from running. */
  run(): Promise<void> {
    this.running ??= this.undoAll();
    return this.running;
  }

  private async undoAll(): Promise<void> {
    for (const { name, undo } of this.steps.reverse()) {
      try {
        await undo();
      } catch (cause) {
        this.report(`${name} did not stop cleanly: ${lineOf(cause)}`);
      }
    }
  }
}
