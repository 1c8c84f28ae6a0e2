import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Runnable } from './cluster-facts';

/** Much more than a run of all specs leaves of mail. */
const MOST_OUTPUT_BYTES = 256 * 1024 * 1024;

/** Starts a program with more words behind its own arguments. */
export function start(
  { command: [program = '', ...given], environment, folder }: Runnable,
  words: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const env = { ...process.env, ...environment };
  return spawn(program, [...given, ...words], { cwd: folder, env });
}

/**
 * Runs a program to its end, and gives what it printed.
 *
 * @throws Error with what it complained of when it does not succeed
 */
export function outputOf(runnable: Runnable): string {
  const { command, environment, folder } = runnable;
  const [program = '', ...given] = command;
  const env = { ...process.env, ...environment };
  const options = { cwd: folder, env, encoding: 'utf8', maxBuffer: MOST_OUTPUT_BYTES } as const;
  const { status, stdout, stderr, error } = spawnSync(program, given, options);
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
