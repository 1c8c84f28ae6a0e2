import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { endChild, firstLineOf, startChild } from '../child';
import type { Instruction, PacedReadsSettings } from './paced-reads';
import type { TrafficReport } from './traffic';

const ANSWER_WITHIN_MS = 10_000;

/** Authenticated reads that go on in a process of their own until they are stopped. */
export class PacedReads {
  private constructor(private readonly child: ChildProcess) {}

  static async start(settings: PacedReadsSettings): Promise<PacedReads> {
    const child = startChild('traffic/paced-reads.js', settings);
    await firstLineOf(child);
    return new PacedReads(child);
  }

  /** From now on these tokens are presented, and no others. */
  present(accessTokens: readonly string[]): void {
    this.#tell({ do: 'present', accessTokens });
  }

  /** What happened since it was asked the last time. */
  async takeReport(): Promise<TrafficReport> {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const answer = once(this.child, 'message', { signal });
    this.#tell({ do: 'report' });
    const [report] = (await answer) as [TrafficReport];
    return report;
  }

  stop(): Promise<void> {
    return endChild(this.child);
  }

  #tell(instruction: Instruction): void {
    this.child.send(instruction);
  }
}
