import { bootFailureText } from './boot-failure';
import { startPatiently } from './patient-start';

/** A service that serves until it is closed. */
export interface RunningService {
  /** Stops accepting, lets calls in flight end, releases what it holds. */
  close(): Promise<unknown>;
}

export interface RunServiceOptions {
  /** Begins the line that is printed when the start fails. */
  readonly name: string;
  /** Resolves once the service answers; leaves nothing behind when it rejects. */
  readonly start: () => Promise<RunningService>;
  /** How long closing may take, in milliseconds; 10 seconds when left out. */
  readonly closeTimeoutMs?: number;
}

/**
 * Runs a service as this process.
 *
 * A start that fails because the database does not answer is tried again until it does. Any other failed
 * start prints one readable line to standard error and ends the process with code 1; a failure nobody
 * foresaw is followed by its stack. SIGTERM, SIGINT, and the end of the IPC channel to
 * the parent that spawned it close the service and end the process with 0, or 1 when closing fails or
 * takes too long. During the start, and at the second request, the process ends at once.
 */
export async function runService(options: RunServiceOptions): Promise<void> {
  let service: RunningService | undefined;
  onStopRequested(() => {
    // Nothing has been accepted yet.
    if (!service) process.exit(0);
    void closeAndExit(service, options);
  });
  try {
    service = await startPatiently(options.start, (failure) => {
      process.stderr.write(`${options.name}: waiting, ${bootFailureText(failure)}\n`);
    });
  } catch (error) {
    fail(options.name, error);
  }
}

async function closeAndExit(service: RunningService, options: RunServiceOptions): Promise<never> {
  const { name, closeTimeoutMs = 10_000 } = options;
  setTimeout(() => fail(name, `not closed after ${closeTimeoutMs} ms`), closeTimeoutMs);
  try {
    await service.close();
  } catch (error) {
    fail(name, error);
  }
  process.exit(0);
}

function fail(name: string, error: unknown): never {
  process.stderr.write(`${name}: ${bootFailureText(error)}\n`);
  process.exit(1);
}

function onStopRequested(stop: () => void): void {
  let requested = false;
  const request = (): void => {
    if (requested) process.exit(1);
    requested = true;
    stop();
  };
  process.on('SIGTERM', request);
  process.on('SIGINT', request);
  if (process.connected) process.once('disconnect', request);
}
