import {
  LoggedSecurityEvents,
  type Logger,
  type Registry,
  type SecurityEvents,
} from '@sallyport/observability';
import { DatabaseUnavailable, type Database } from '@sallyport/persistence';
import type { Kysely } from 'kysely';
import { OwnEvents, type ReadsOwnEvents } from '../own/own-events';
import { ChainAppender } from '../store/chain-appender';
import { SecurityEventLog, type ReadsSecurityEvents } from '../store/security-event-log';
import type { AuditTables } from '../store/security-events.tables';
import { ChainedSecurityEvents } from './chained.security-events';
import { HeadLog } from './head-log';

/** How long the end of a process waits for the last events to be appended. */
const CLOSE_WITHIN_MS = 3_000;

export interface AuditOptions<Tables> {
  /** The service's own, with the tables of `securityEventsMigration`. */
  readonly database: Pick<Database<Tables>, 'db'>;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly clock: () => Date;
  /** Done once before the first append, and tried again with it until it succeeds: what makes the tables. */
  readonly prepare?: () => Promise<void>;
  /** Whether this process ends by itself soon: it then neither starts a chain nor writes its head to the log. */
  readonly isCommand?: boolean;
}

/** The security events of a service: recorded, kept in its chain, and read again. */
export interface Audit {
  readonly events: SecurityEvents;
  readonly log: ReadsSecurityEvents;
  /** What an account's owner may read of it; takes the indexes of `ownEventsMigration`. */
  readonly ownEvents: ReadsOwnEvents;
  /** Appends what waits. To be called after the last event and before the database is closed. */
  close(): Promise<void>;
}

/** Opens the chain of a service in its own database. */
export function openAudit<Tables>(options: AuditOptions<Tables>): Audit {
  const { logger, registry, clock, prepare, isCommand = false } = options;
  let isPrepared = prepare === undefined;
  const db = auditTablesOf(options.database);
  const appender = new ChainAppender(db, clock);
  const events = new ChainedSecurityEvents({
    logged: new LoggedSecurityEvents({ logger, registry }),
    append: async (rows) => {
      if (!isPrepared) await prepare?.();
      isPrepared = true;
      await appender.append(rows);
    },
    ...{ logger, registry, clock },
  });
  if (!isCommand) events.start();
  const headLog = isCommand ? undefined : new HeadLog(db, logger);
  const log = new SecurityEventLog(db);
  const ownEvents = new OwnEvents(db);
  return {
    events,
    log: {
      async list(...asked) {
        if (!isPrepared) throw new DatabaseUnavailable();
        return log.list(...asked);
      },
    },
    ownEvents: {
      async list(...asked) {
        if (!isPrepared) throw new DatabaseUnavailable();
        return ownEvents.list(...asked);
      },
    },
    async close() {
      await events.close(CLOSE_WITHIN_MS);
      await headLog?.close();
    },
  };
}

/** The tables are in every service's database, beside those that its own type names. */
export function auditTablesOf<Tables>({ db }: Pick<Database<Tables>, 'db'>): Kysely<AuditTables> {
  return db as unknown as Kysely<AuditTables>;
}
