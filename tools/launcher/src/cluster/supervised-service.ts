import { LaunchError, lineOf } from './launch-error';
import type { ServiceName } from './listeners';
import { untilReady } from './readiness';
import { shownPath } from './shown-path';
import { ServiceProcess } from './service-process';
import type { Ending, ServiceCommand } from './service-process';

export interface Supervision {
  readonly name: ServiceName;
  readonly command: ServiceCommand;
  readonly opsUrl: string;
  readonly readyTimeoutMs: number;
  readonly stopGraceMs: number;
  /**
   * Wait before a service that ended by itself is started again. Doubles up to the maximum, until
   * the service has run for longer than that.
   */
  readonly backoff: { readonly firstMs: number; readonly maximumMs: number };
  readonly report: (line: string) => void;
}

/** Keeps one service running: starts it, starts it again when it ends by itself, stops it. */
export class SupervisedService {
  private current: ServiceProcess | undefined;
  /** Whether the service is to run; an ending is only undone while it is. */
  private wanted = false;
  private restartTimer: NodeJS.Timeout | undefined;
  private failures = 0;

  constructor(private readonly supervision: Supervision) {}

  get pid(): number | undefined {
    return this.current?.pid;
  }

  get logFile(): string {
    return this.supervision.command.logFile;
  }

  /** What its process is started with. */
  get environment(): Readonly<Record<string, string>> {
    return this.supervision.command.environment;
  }

  /**
   * Starts the service and waits until it reports ready.
   *
   * @throws LaunchError `service_ended` with the service's own last words, `service_not_ready`, `interrupted`
   */
  async start(interruption?: AbortSignal): Promise<void> {
    const { name, command, opsUrl, readyTimeoutMs, backoff } = this.supervision;
    const started = ServiceProcess.start(command);
    this.wanted = true;
    this.current = started;

    const ended = new AbortController();
    let ending: Ending | undefined;
    void started.ended.then((how) => {
      ending = how;
      ended.abort();
    });
    const limits = [ended.signal, AbortSignal.timeout(readyTimeoutMs), interruption];
    const missing = await untilReady(
      opsUrl,
      AbortSignal.any(limits.filter((signal) => signal !== undefined)),
    );

    if (interruption?.aborted === true) throw new LaunchError('interrupted', 'stopped');
    const log = `(log: ${shownPath(command.logFile)})`;
    if (ending !== undefined) {
      throw new LaunchError('service_ended', `${name} ${describe(name, ending)} ${log}`);
    }
    if (missing !== undefined) {
      const seconds = Math.round(readyTimeoutMs / 1000);
      throw new LaunchError(
        'service_not_ready',
        `${name} was not ready within ${seconds} s: ${missing} ${log}`,
      );
    }
    const readyAt = performance.now();
    void started.ended.then((how) => {
      if (this.current !== started) return;
      if (performance.now() - readyAt > backoff.maximumMs) this.failures = 0;
      this.startLater(describe(name, how));
    });
  }

  /** Asks the service to end, and ends it when it does not within the grace. */
  async stop(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.restartTimer);
    await this.current?.stop(this.supervision.stopGraceMs);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Ends the service at once, as a crash would. Without `restart` it stays down until told otherwise. */
  async kill({ restart }: { readonly restart: boolean }): Promise<void> {
    this.wanted = restart;
    clearTimeout(this.restartTimer);
    this.current?.signal('SIGKILL');
    await this.current?.ended;
  }

  private startLater(why: string): void {
    if (!this.wanted) return;
    const { name, backoff, report } = this.supervision;
    const delayMs = Math.min(backoff.firstMs * 2 ** this.failures, backoff.maximumMs);
    this.failures += 1;
    report(`${name} ${why}; starting it again in ${delayMs / 1000} s`);
    this.restartTimer = setTimeout(() => void this.startAgain(), delayMs);
  }

  private async startAgain(): Promise<void> {
    const { name, report, stopGraceMs } = this.supervision;
    const start = this.start();
    const attempt = this.current;
    try {
      await start;
      report(`${name} is ready again`);
    } catch (cause) {
      // Somebody stopped or restarted the service meanwhile.
      if (this.current !== attempt || !this.wanted) return;
      await attempt?.stop(stopGraceMs);
      this.startLater(`did not come back (${lineOf(cause)})`);
    }
  }
}

function describe(name: string, { code, signal, lastErrorLine }: Ending): string {
  const how = signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`;
  // Services begin the line with their name.
  const words = lastErrorLine.replace(`${name}: `, '');
  return words === '' ? how : `${how}: ${words}`;
}
