import { setTimeout as delay } from 'node:timers/promises';
import type { HandledCall, SecurityEvent } from '@sallyport/observability';
import { SERVICES, sharedCluster } from './cluster-facts';
import type { ClusterFacts, ServiceName } from './cluster-facts';
import { Landmark } from './landmark';
import { TraceLog } from './trace-log';

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

const landmarks: Landmark[] = [];
afterAll(() => {
  for (const landmark of landmarks) landmark.close();
});

/**
 * Reads what the four services log from about when this is made on: an attempt was made just before, or comes after. Specs that
 * run side by side do not see each other's traces.
 */
export class Evidence {
  readonly #logs: readonly TraceLog[];
  readonly #landmark: Landmark;

  constructor(facts: ClusterFacts = sharedCluster()) {
    this.#logs = SERVICES.map((service) => new TraceLog(facts.logFiles[service]));
    this.#landmark = new Landmark(facts);
    landmarks.push(this.#landmark);
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
    const lines = this.#logs.flatMap((log) => log.linesOf(key));
    const logged = (event: string): readonly unknown[] =>
      lines.filter((line) => line['event'] === event);
    return {
      securityEvents: logged('security') as Traces['securityEvents'],
      handledCalls: logged('handled') as Traces['handledCalls'],
    };
  }
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
