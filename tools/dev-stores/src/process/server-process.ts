import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../store-unavailable.error';
import { endWithThisProcess } from './end-with-this-process';
import type { Escalation } from './running-process';
import type { ServerUser } from './server-user';

/** Receives each line a server writes. */
export type ServerLog = (line: string) => void;

/** How to run a server in the foreground. */
export interface ServerCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly user: ServerUser;
  readonly workingDirectory: string;
  /** Written to its standard input, which then ends. */
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The line that says that it answers. */
  readonly ready: RegExp;
  readonly readyWithinMs: number;
  /** How it is asked to stop, and then made to. */
  readonly stop: Escalation;
  /** Whether it is told to stop when this process was killed as well; it is unless this is false. */
  readonly guarded?: boolean | undefined;
  readonly log?: ServerLog;
}

const REMEMBERED_LINES = 20;
const LAST_WORDS_MS = 500;

/** A server that ended or stayed silent before it was ready, and the last lines it wrote. */
export class ServerStartFailed extends StoreUnavailable {
  constructor(
    command: ServerCommand,
    problem: string,
    readonly lines: readonly string[],
  ) {
    const complaint = lines.findLast((line) => /fatal|error|warning|denied/i.test(line));
    super(
      `${command.file} ${problem}: ${(complaint ?? lines.at(-1) ?? 'it wrote nothing').trim()}`,
    );
  }
}

/**
 * A server that belongs to this process: it stops on `stop()`, and is told to when this process exits or is killed.
 *
 * It runs in a session of its own, so that Ctrl-C in a terminal reaches the launcher alone, which then
 * stops the stores after everything that uses them.
 */
export class ServerProcess {
  /** Settles when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  private readonly lines: string[] = [];
  private ended = false;

  private constructor(
    private readonly command: ServerCommand,
    private readonly child: ChildProcessWithoutNullStreams,
  ) {
    const [[signal] = ['SIGTERM' as const]] = command.stop;
    const endWithExit = () => child.kill(signal);
    process.once('exit', endWithExit);
    if (command.guarded !== false) endWithThisProcess(child, signal);
    this.exited = new Promise((resolve) => {
      child.once('exit', () => {
        this.ended = true;
        process.removeListener('exit', endWithExit);
        // A process the server left behind may hold its output open; that is not waited for.
        setTimeout(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        }, LAST_WORDS_MS).unref();
      });
      child.once('close', () => {
        resolve();
      });
    });
    // A server that ends before it has read its input says why in its own words.
    child.stdin.on('error', () => undefined).end(command.input ?? '');
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.remember(line);
      });
    }
  }

  /** @throws ServerStartFailed unless the server says in time that it is ready. */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const child = spawn(command.file, command.arguments, {
      ...command.user,
      cwd: command.workingDirectory,
      // Nothing of this process's environment (PGDATA, LD_PRELOAD, credentials) is the server's business.
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', ...command.environment },
      detached: true,
      stdio: 'pipe',
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      throw new ServerStartFailed(command, 'cannot be run', [String(error)]);
    }
    const server = new ServerProcess(command, child);
    await server.becomesReady();
    return server;
  }

  /** Stops the server and resolves when it has ended; does nothing when it already has. */
  async stop(): Promise<void> {
    for (const [signal, patienceMs] of this.command.stop) {
      if (this.ended) break;
      this.child.kill(signal);
      await this.endsWithin(patienceMs);
    }
    await this.exited;
  }

  private async becomesReady(): Promise<void> {
    const silence = new AbortController();
    const outcome = await Promise.race([
      new Promise<'ready'>(
        (resolve) =>
          (this.onReady = () => {
            resolve('ready');
          }),
      ),
      this.exited.then(() => 'ended' as const),
      delay(this.command.readyWithinMs, 'silent' as const, { signal: silence.signal }),
    ]);
    silence.abort();
    if (outcome === 'ready') return;
    await this.stop();
    const problem = outcome === 'ended' ? 'did not start' : 'did not become ready in time';
    throw new ServerStartFailed(this.command, problem, this.lines);
  }

  private onReady = (): void => undefined;

  private remember(line: string): void {
    if (this.lines.push(line) > REMEMBERED_LINES) this.lines.shift();
    this.command.log?.(line);
    if (this.command.ready.test(line)) this.onReady();
  }

  private async endsWithin(milliseconds: number): Promise<void> {
    const patience = new AbortController();
    await Promise.race([this.exited, delay(milliseconds, undefined, { signal: patience.signal })]);
    patience.abort();
  }
}
