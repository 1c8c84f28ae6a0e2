import { OPS_LISTENERS, SERVICE_NAMES, byService } from './listeners';
import type { ServiceName } from './listeners';
import type { Progress } from './progress';
import { addressOf, serviceCommands } from './service-commands';
import type { Surroundings } from './service-commands';
import { rotateLog } from './service-log';
import { SupervisedService } from './supervised-service';
import type { Teardown } from './teardown';

const READY_TIMEOUT_MS = 90_000;
/** Longer than a service gives its own closing. */
const STOP_GRACE_MS = 12_000;
const BACKOFF = { firstMs: 500, maximumMs: 15_000 };

interface Attendance {
  readonly teardown: Teardown;
  readonly progress: Progress;
  readonly report: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts all services at once: each waits by itself, not ready, for what it needs of the others.
 *
 * @throws LaunchError of the first service that does not start
 */
export async function startServices(
  surroundings: Surroundings,
  { teardown, progress, report, signal }: Attendance,
): Promise<Record<ServiceName, SupervisedService>> {
  const commands = serviceCommands(surroundings);
  const supervised = byService(
    (name) =>
      new SupervisedService({
        name,
        command: commands[name],
        opsUrl: `http://${addressOf(surroundings.ports, OPS_LISTENERS[name])}`,
        readyTimeoutMs: READY_TIMEOUT_MS,
        stopGraceMs: STOP_GRACE_MS,
        backoff: BACKOFF,
        report,
      }),
  );
  // One that does not start makes waiting for the others pointless; its reason is the one to tell.
  const failure = new AbortController();
  const givenUp = signal ? AbortSignal.any([signal, failure.signal]) : failure.signal;
  const start = async (name: ServiceName): Promise<void> => {
    await rotateLog(commands[name].logFile);
    await supervised[name].start(givenUp);
  };
  const starts = SERVICE_NAMES.map(async (name) => {
    teardown.push(name, () => supervised[name].stop());
    try {
      await progress.of(
        name,
        () => start(name),
        () => `process ${supervised[name].pid ?? ''}`,
      );
    } catch (cause) {
      failure.abort(cause);
    }
  });
  await Promise.all(starts);
  failure.signal.throwIfAborted();
  return supervised;
}
