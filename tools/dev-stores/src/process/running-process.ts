import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A live process as the operating system describes it. */
export interface RunningProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly commandLine: string;
  /** Where it works; undefined where the system does not tell. */
  readonly workingDirectory?: string;
}

/** Describes a process of this machine; undefined when there is none, or only its zombie. */
export async function inspectProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    return existsSync('/proc/self/stat') ? await fromProcfs(pid) : await fromPs(pid);
  } catch {
    return undefined;
  }
}

async function fromProcfs(pid: number): Promise<RunningProcess | undefined> {
  const [stat, commandLine, workingDirectory] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    readlink(`/proc/${pid}/cwd`).catch(() => undefined),
  ]);
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const [, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has no command line left.
  if (commandLine === '') return undefined;
  return {
    pid,
    parentPid: Number(parentPid),
    commandLine: commandLine.replaceAll('\0', ' '),
    ...(workingDirectory !== undefined && { workingDirectory }),
  };
}

async function fromPs(pid: number): Promise<RunningProcess | undefined> {
  const columns = ['-ww', '-o', 'ppid=', '-o', 'state=', '-o', 'args=', '-p', String(pid)];
  const { stdout } = await promisify(execFile)('ps', columns);
  const [, parentPid, state, commandLine] = /^\s*(\d+)\s+(\S+)\s+(.*)/.exec(stdout) ?? [];
  if (commandLine === undefined || state?.startsWith('Z')) return undefined;
  return { pid, parentPid: Number(parentPid), commandLine };
}

/** A signal, and how long it may take to work before the next one is sent. */
export type Escalation = readonly (readonly [signal: NodeJS.Signals, patienceMs: number])[];

/** Ends a process that is not a child of this one. Resolves when it is gone. */
export async function endProcess(pid: number, escalation: Escalation): Promise<void> {
  for (const [signal, patienceMs] of escalation) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already, which the next look confirms.
    }
    const deadline = Date.now() + patienceMs;
    while (Date.now() < deadline) {
      if (!(await inspectProcess(pid))) return;
      await delay(20);
    }
  }
  throw new Error(`process ${pid} did not end`);
}
