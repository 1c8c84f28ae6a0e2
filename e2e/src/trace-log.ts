import type { EvidenceKey } from './evidence';
import { ServiceLog } from './service-log';
import type { LogLine } from './service-log';

/** Enough for an attempt that was made just before. */
const LOOK_BACK_BYTES = 64 * 1024;

/** The log of one service from about now on, as an index: there are many attempts, and more lines. */
export class TraceLog {
  readonly #log: ServiceLog;
  readonly #byCorrelationId = new Map<unknown, LogLine[]>();
  readonly #byClientPort = new Map<unknown, LogLine[]>();
  #indexed = 0;

  constructor(file: string) {
    this.#log = new ServiceLog(file, { lookBackBytes: LOOK_BACK_BYTES });
  }

  /** What has been written of an attempt so far, oldest first. */
  linesOf(key: EvidenceKey): readonly LogLine[] {
    this.#index();
    if ('correlationId' in key) return this.#byCorrelationId.get(key.correlationId) ?? [];
    // A port is used again.
    const since = key.since.getTime();
    return (this.#byClientPort.get(key.clientPort) ?? []).filter(
      (line) => Date.parse(String(line['time'])) >= since,
    );
  }

  #index(): void {
    const lines = this.#log.lines();
    for (const line of lines.slice(this.#indexed)) {
      addTo(this.#byCorrelationId, line['correlationId'], line);
      addTo(this.#byClientPort, line['clientPort'], line);
    }
    this.#indexed = lines.length;
  }
}

function addTo(index: Map<unknown, LogLine[]>, key: unknown, line: LogLine): void {
  if (key === undefined) return;
  const lines = index.get(key);
  if (lines === undefined) index.set(key, [line]);
  else lines.push(line);
}
