import type { Logger } from '@sallyport/observability';
import type { Kysely } from 'kysely';
import { readHead } from '../store/read-head';
import type { AuditTables } from '../store/security-events.tables';

const INTERVAL_MS = 5 * 60_000;

/**
 * Writes the head of the chain to the log, now and then and at the end: who keeps logs elsewhere can tell with it that the
 * chain's end was not cut off, nor an older copy restored.
 */
export class HeadLog {
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly db: Kysely<AuditTables>,
    private readonly logger: Logger,
    intervalMs = INTERVAL_MS,
  ) {
    this.#timer = setInterval(() => void this.write(), intervalMs).unref();
  }

  /** Never rejects: without the database there is no head to write. */
  async write(): Promise<void> {
    try {
      const head = await readHead(this.db);
      if (head === undefined) return;
      const { chainId: chain, seq, hash } = head;
      this.logger.info({ event: 'audit_head', chain, seq, hash: hash.toString('hex') });
    } catch (error) {
      this.logger.warn({ event: 'audit_head_unknown', error });
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }
}
