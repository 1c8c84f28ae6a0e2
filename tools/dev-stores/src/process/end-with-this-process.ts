import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/** Waits until nobody can write to it any more, then sends a signal. */
const GUARD = 'read -r _; kill -s "$1" "$2"';

/**
 * Has a child told to end when this process is gone, however it went: killed, this process can do nothing any more, so that a
 * shell waits for it, which learns of it from the operating system. It ends with the child.
 */
export function endWithThisProcess(child: ChildProcess, signal: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined) return;
  const words = ['-c', GUARD, 'guard', signal.replace(/^SIG/, ''), String(pid)];
  // In a session of its own: what ends this process from a terminal does not end it as well.
  const guard = spawn('/bin/sh', words, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without a shell nothing is lost but the guard.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  // The number of a process that has ended may be another's.
  child.once('exit', () => guard.kill('SIGKILL'));
}
