import { text } from 'node:stream/consumers';
import type { ClusterFacts } from './cluster-facts';
import { start } from './runnable';

/** What came of a command. */
export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly output: string;
  /** Complaints, and what it logs. */
  readonly errors: string;
}

/** Carries out an operator's command of auth-service, beside the one that runs. */
export async function runOperatorCommand(
  { operator }: Pick<ClusterFacts, 'operator'>,
  words: readonly string[],
  input = '',
): Promise<CommandOutcome> {
  const child = start(operator, words);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  // One that does not ask for its input may end before it is written.
  child.stdin.on('error', () => undefined).end(input);
  const [exitCode, output, errors] = await Promise.all([
    ended,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exitCode, output, errors };
}
