import type { Stage } from './stage';

/** What one step sent, what was promised, and what came back, each in few words. */
export interface Expectation {
  readonly sent: string;
  readonly expected: string;
  /** In the words of `expected`: the promise is kept when both are the same. */
  readonly got: string;
}

/** One thing the demo does. Steps run one after the other; the first broken promise ends the demo. */
export interface Step {
  readonly title: string;
  run(stage: Stage): Promise<Expectation>;
}

/** Steps that belong together, under one heading. */
export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}
