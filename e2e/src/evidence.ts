import { setTimeout as delay } from 'node:timers/promises';
import type { HandledCall, SecurityEvent } from '@sallyport/observability';
import { SERVICES, sharedCluster } from './cluster-facts';
import type { ClusterFacts, ServiceName } from './cluster-facts';
import { Landmark } from './landmark';
import { ServiceLog } from './service-log';
import type { LogLine } from './service-log';

/**
 * By what the traces of one attempt are told from those of all others: its correlation id, or for a
 * connection that was refused in the handshake the client's port, together with when it was dialled.
 */
export type EvidenceKey =
  { readonly correlationId: string } | { readonly clientPort: number; readonly since: Date };

/** What the services logged about one attempt. */
export interface Traces {
  readonly securityEvents: readonly (SecurityEvent & { readonly service: ServiceName })[];
  /** Handlers that ran. */
  readonly handledCalls: readonly (HandledCall & { readonly service: ServiceName })[];
}

const PATIENCE_MS = 2_000;
const POLL_MS = 5;

/** Reads the logs of all four services. Specs that run side by side do not see each other's traces. */
export class Evidence {
  readonly #logs: readonly ServiceLog[];
  readonly #landmark: Landmark;

  constructor(facts: ClusterFacts = sharedCluster()) {
    this.#logs = SERVICES.map((service) => new ServiceLog(facts.logFiles[service]));
    this.#landmark = new Landmark(facts);
  }

  /**
   * The traces of an attempt that has been answered. Waits, at most two seconds, until there are some
   * that `suffice`; then has every service handle a correct call and waits for its line. A service
   * writes its log in order: what does not stand before that line was never written.
   */
  async of(key: EvidenceKey, suffice: (traces: Traces) => boolean = hasAny): Promise<Traces> {
    await until(() => suffice(this.#read(key)));
    for (const correlationId of await this.#landmark.set()) {
      const found = await until(() => hasAny(this.#read({ correlationId })));
      if (!found) throw new Error('a correct call has left no trace: nothing is shown by none');
    }
    return this.#read(key);
  }

  #read(key: EvidenceKey): Traces {
    const lines = this.#logs.flatMap((log) => log.lines().filter((line) => isOf(key, line)));
    const logged = (event: string): readonly unknown[] =>
      lines.filter((line) => line['event'] === event);
    return {
      securityEvents: logged('security') as Traces['securityEvents'],
      handledCalls: logged('handled') as Traces['handledCalls'],
    };
  }
}

function isOf(key: EvidenceKey, line: LogLine): boolean {
  if ('correlationId' in key) return line['correlationId'] === key.correlationId;
  return (
    line['clientPort'] === key.clientPort && Date.parse(String(line['time'])) >= key.since.getTime()
  );
}

function hasAny(traces: Traces): boolean {
  return countOf(traces) > 0;
}

function countOf({ securityEvents, handledCalls }: Traces): number {
  return securityEvents.length + handledCalls.length;
}

async function until(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}
