import { columns } from '../cli/columns';
import type { Paint } from '../cli/paint';
import { LaunchError, lineOf } from '../cluster/launch-error';
import type { Chapter, Expectation, Step } from './step';

type RunStep = (step: Step) => Promise<Expectation>;

interface Audience {
  readonly print: (line: string) => void;
  readonly paint: Paint;
  /** Ends the play after the step under way. */
  readonly signal: AbortSignal;
}

/**
 * Plays chapter after chapter, a line for each step.
 *
 * @returns how many steps were as promised, or undefined after the first that was not
 */
export async function play(
  chapters: readonly Chapter[],
  run: RunStep,
  audience: Audience,
): Promise<number | undefined> {
  let kept = 0;
  for (const { title, steps } of chapters) {
    audience.print('');
    audience.print(audience.paint.bold(title));
    for (const step of steps) {
      if (audience.signal.aborted) throw new LaunchError('interrupted', 'stopped');
      if (!(await playStep(step, run, audience))) return undefined;
      kept += 1;
    }
  }
  return kept;
}

async function playStep(step: Step, run: RunStep, { print, paint }: Audience): Promise<boolean> {
  const { sent, expected, got } = await outcomeOf(step, run);
  if (got === expected) {
    print(`  ${paint.good('✓')} ${step.title}: ${paint.dim(sent)} → ${got}`);
    return true;
  }
  print(`  ${paint.bad('✗')} ${step.title}`);
  for (const line of columns([
    ['  sent', sent],
    ['  expected', expected],
    ['  got', got],
  ])) {
    print(line);
  }
  return false;
}

async function outcomeOf(step: Step, run: RunStep): Promise<Expectation> {
  try {
    return await run(step);
  } catch (cause) {
    return { sent: '-', expected: 'an answer', got: lineOf(cause) };
  }
}
