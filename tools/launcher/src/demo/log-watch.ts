import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster';
import type { ServiceName } from '../cluster/listeners';
import type { LogLine } from '../cluster/service-log';

const PATIENCE_MS = 3_000;
const POLL_INTERVAL_MS = 20;
/** Services write their logs a little behind what they do. */
const WRITTEN_WITHIN_MS = 50;

/** What some services do from a moment on, as far as they log it. */
export class LogWatch {
  private constructor(
    private readonly cluster: Pick<Cluster, 'logs'>,
    private readonly services: readonly ServiceName[],
    private readonly since: number,
  ) {}

  /** Lines are told apart by their time: those of what happened before may still be written. */
  static async begin(
    cluster: Pick<Cluster, 'logs'>,
    services: readonly ServiceName[],
  ): Promise<LogWatch> {
    // What happened before is now at least one whole unit of that time ago.
    await delay(2);
    return new LogWatch(cluster, services, Date.now());
  }

  /** The reason of the first refusal; waits a little for one, then says that there is none. */
  async refusal(): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const refused = this.lines().find(isRefusal);
      if (refused !== undefined) return String(refused['reason']);
      if (performance.now() > deadline) return 'nothing';
      await delay(POLL_INTERVAL_MS);
    }
  }

  /** The targets whose handlers have run. */
  async handled(): Promise<readonly string[]> {
    await delay(WRITTEN_WITHIN_MS);
    return this.lines()
      .filter((line) => line['event'] === 'handled')
      .map((line) => String(line['target']));
  }

  private lines(): readonly LogLine[] {
    return this.services
      .flatMap((service) => this.cluster.logs(service))
      .filter(({ time }) => Date.parse(String(time)) >= this.since);
  }
}

function isRefusal(line: LogLine): boolean {
  return line['event'] === 'security' && line['outcome'] === 'refused';
}
