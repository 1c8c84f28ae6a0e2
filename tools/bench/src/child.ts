import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ChildOptions {
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** Starts a script of this folder with its settings. It holds an IPC channel, whose end tells it to end as well. */
export const startChild = (
  script: string,
  settings: unknown,
  { nodeOptions = [] }: ChildOptions = {},
): ChildProcess =>
  fork(join(__dirname, script), [], {
    // Not an argument: it holds tokens and passwords, and arguments are for everybody to read.
    env: { ...process.env, SALLYPORT_BENCH_SETTINGS: JSON.stringify(settings) },
    execArgv: [...nodeOptions],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });

/** Resolves with the first line a child prints. */
export const firstLineOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const end = printed.indexOf('\n');
      if (end >= 0) resolve(printed.slice(0, end));
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(
        new Error(`${child.spawnargs[1] ?? ''} ended with ${code} before it printed its line`),
      );
    });
  });

/** Runs a script to its end; resolves with what it printed, as JSON. */
export const resultOf = async (
  script: string,
  settings: unknown,
  options?: ChildOptions,
): Promise<unknown> => {
  const child = startChild(script, settings, options);
  const line = await firstLineOf(child);
  await endOf(child);
  return JSON.parse(line) as unknown;
};

/** Asks a child to end; resolves when it has. */
export const endChild = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGTERM');
  await endOf(child);
};

const endOf = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};
