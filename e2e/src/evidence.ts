import { setTimeout as delay } from 'node:timers/promises';
import type { HandledCall, SecurityEvent } from '@sallyport/observability';
import { SERVICES, sharedCluster } from './cluster-facts';
import type { ServiceName } from './cluster-facts';
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
/** How long the logs must have nothing new before they count as complete: a flush takes a few milliseconds. */
const QUIET_MS = 25;

/** Reads the logs of all four services. Specs that run side by side do not see each other's traces. */
export class Evidence {
  readonly #logs: readonly ServiceLog[];

  constructor({ logFiles } = sharedCluster()) {
    this.#logs = SERVICES.map((service) => new ServiceLog(logFiles[service]));
  }

  /**
   * The traces of an attempt. Waits, at most two seconds, until there are some that `suffice` and no
   * further one comes; what there is by then is the answer.
   */
  async of(key: EvidenceKey, suffice: (traces: Traces) => boolean = hasAny): Promise<Traces> {
    const deadline = performance.now() + PATIENCE_MS;
    let traces = this.#read(key);
    let quietSince = performance.now();
    for (;;) {
      await delay(POLL_MS);
      const now = performance.now();
      const next = this.#read(key);
      if (countOf(next) > countOf(traces)) quietSince = now;
      traces = next;
      const isComplete = suffice(traces) && now - quietSince >= QUIET_MS;
      if (isComplete || now > deadline) return traces;
    }
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
