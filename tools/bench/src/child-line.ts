import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** Starts a script of this folder with its settings; resolves with the first line it prints. */
export const startAndReadLine = (
  script: string,
  settings: unknown,
): Promise<{ child: ChildProcess; line: string }> =>
  new Promise((resolve, reject) => {
    const child = fork(join(__dirname, script), [], {
      // Not an argument: it holds an access token, and arguments are for everybody to read.
      env: { ...process.env, SALLYPORT_BENCH_SETTINGS: JSON.stringify(settings) },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      const end = printed.indexOf('\n');
      if (end >= 0) resolve({ child, line: printed.slice(0, end) });
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`${script} ended with ${String(code)} before it printed its line`));
    });
  });
