import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster';
import type { ServiceName } from '../cluster/listeners';
import type { LogLine } from '../cluster/service-log';

const PATIENCE_MS = 3_000;
const POLL_INTERVAL_MS = 20;

/** What some services have logged since it was made. */
export class LogWatch {
  readonly #seen: ReadonlyMap<ServiceName, number>;

  constructor(
    private readonly cluster: Pick<Cluster, 'logs'>,
    services: readonly ServiceName[],
  ) {
    this.#seen = new Map(services.map((service) => [service, cluster.logs(service).length]));
  }

  /** The reason of the first refusal logged; waits a little for one, then says that there is none. */
  async refusal(): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const refused = this.#lines().find(isRefusal);
      if (refused !== undefined) return String(refused['reason']);
      if (performance.now() > deadline) return 'nothing';
      await delay(POLL_INTERVAL_MS);
    }
  }

  /** The targets whose handlers have run. */
  handled(): readonly string[] {
    return this.#lines()
      .filter((line) => line['event'] === 'handled')
      .map((line) => String(line['target']));
  }

  #lines(): readonly LogLine[] {
    return [...this.#seen].flatMap(([service, count]) => this.cluster.logs(service).slice(count));
  }
}

function isRefusal(line: LogLine): boolean {
  return line['event'] === 'security' && line['outcome'] === 'refused';
}
