import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { endWithThisProcess } from './end-with-this-process';

/** What Node prints around the message of an error that ends a process. */
const STACK_LINE = /^(?:\s.*|[{}]?|Node\.js v.*)$/;

/** What to run, with nothing inherited but what is named here. */
export interface ServiceCommand {
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line it wrote to its error output, stack frames aside; empty when it wrote none. */
  readonly lastErrorLine: string;
}

/**
 * One service as a process of its own.
 *
 * Its output goes straight to the log file, its error output there too by way of the launcher.
 * It stands in its own process group, so that Ctrl-C in a terminal reaches the launcher alone, and
 * it holds an IPC channel, whose end tells it that the launcher is gone.
 */
export class ServiceProcess {
  readonly ended: Promise<Ending>;
  private lastErrorLine = '';
  private hasEnded = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly logFile: string,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.keepErrorOutput(text);
    });
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.hasEnded = true;
        resolve({ code, signal, lastErrorLine: this.lastErrorLine });
      };
      child.once('error', (cause) => {
        this.keepErrorOutput(`${cause.message}\n`);
        if (child.pid === undefined) end(null, null);
      });
      // 'close', unlike 'exit', comes after the last of the error output.
      child.once('close', end);
    });
  }

  static start({ module, environment, logFile }: ServiceCommand): ServiceProcess {
    const log = openSync(logFile, 'a', 0o600);
    try {
      const child = spawn(process.execPath, [module], {
        env: environment,
        stdio: ['ignore', log, 'pipe', 'ipc'],
        detached: true,
      });
      endWithThisProcess(child);
      return new ServiceProcess(child, logFile);
    } finally {
      closeSync(log);
    }
  }

  get pid(): number | undefined {
    return this.hasEnded ? undefined : this.child.pid;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.child.kill(signal);
  }

  /** Asks the process to end, and ends it when it has not within the grace. */
  async stop(graceMs: number): Promise<Ending> {
    this.signal('SIGTERM');
    const timer = new AbortController();
    const grace = delay(graceMs, undefined, { signal: timer.signal }).then(
      () => {
        this.signal('SIGKILL');
      },
      () => undefined,
    );
    const ending = await this.ended;
    timer.abort();
    await grace;
    return ending;
  }

  private keepErrorOutput(text: string): void {
    appendFileSync(this.logFile, text);
    const words = text.split(/\r?\n/).filter((line) => !STACK_LINE.test(line));
    this.lastErrorLine = words.at(-1) ?? this.lastErrorLine;
  }
}
