import type { Recovery } from '../recovery/canary';

/** What came of one fault. All times are on the clock of the history. */
export interface FaultRun {
  readonly name: string;
  readonly what: string;
  readonly beganAt: number;
  /** When it was taken back, or made, where nobody takes it back. */
  readonly endedAt: number;
  /** When the next one may begin. */
  readonly overAt: number;
  readonly recovery: Recovery;
}

/** One that could not be made here. */
export interface SkippedFault {
  readonly name: string;
  readonly why: string;
}
