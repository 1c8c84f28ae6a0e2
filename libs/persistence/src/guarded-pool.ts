import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { DatabaseUnavailable } from './database-unavailable.error';
import { failStatementSpan, startStatementSpan } from './statement-span';
import { isSilence, orDatabaseUnavailable } from './unavailability';

/**
 * The statement that lifts the limits on how long statements take, for as long as the connection is held. For migrations, which
 * hold a lock that others wait for: a server that loses sight of the client ends what runs for it within seconds.
 */
export const MIGRATOR_LIMITS = [
  'SET statement_timeout = 0',
  'SET lock_timeout = 0',
  'SET client_connection_check_interval = 2000',
  'SET tcp_keepalives_idle = 5',
  'SET tcp_keepalives_interval = 5',
  'SET tcp_keepalives_count = 3',
].join('; ');

/**
 * A pool as Kysely uses it, whose errors are classified and whose broken connections are not used again.
 *
 * A statement whose answer does not come within `deadlineMs` fails: a server that is gone without a word would
 * otherwise hold its caller until the operating system gives the connection up. Connections that lay idle since are
 * not trusted either, or the next callers would find out about each of them in turn, as slowly.
 */
export class GuardedPool implements PostgresPool {
  /** When each connection last answered, on the monotonic clock. */
  readonly #answeredAt = new WeakMap<PoolClient, number>();
  /** What has not answered since is not used again. */
  #trustedSince = -Infinity;

  constructor(
    private readonly pool: Pool,
    private readonly deadlineMs: number,
  ) {
    pool.on('connect', (client) => this.#answeredAt.set(client, performance.now()));
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      let client = await this.pool.connect();
      while (!this.#isTrusted(client)) {
        client.release(true);
        client = await this.pool.connect();
      }
      return new GuardedClient(client, this.deadlineMs, {
        onAnswered: () => this.#answeredAt.set(client, performance.now()),
        onSilent: (askedAt) => {
          this.#trustedSince = Math.max(this.#trustedSince, askedAt);
        },
      });
    } catch (error) {
      throw orDatabaseUnavailable(error);
    }
  }

  #isTrusted(client: PoolClient): boolean {
    return (this.#answeredAt.get(client) ?? performance.now()) > this.#trustedSince;
  }

  async end(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }
}

/** Told of how a connection does. */
interface Witness {
  onAnswered(): void;
  /** Nothing came back for what was asked then. */
  onSilent(askedAt: number): void;
}

class GuardedClient implements PostgresPoolClient {
  private discard = false;
  private failure: DatabaseUnavailable | undefined;

  constructor(
    private readonly client: PoolClient,
    private deadlineMs: number,
    private readonly witness: Witness,
  ) {}

  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query<Row>(
    text: string | PostgresCursor<Row>,
    values: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    if (typeof text !== 'string') throw new TypeError('cursors are not supported');
    return this.run<Row>(text, values);
  }

  release(): void {
    this.client.release(this.discard);
  }

  private async run<Row>(
    text: string,
    values: readonly unknown[],
  ): Promise<PostgresQueryResult<Row>> {
    // A rollback would wait behind the statement that got no answer.
    if (this.failure) throw this.failure;
    if (text === MIGRATOR_LIMITS) {
      this.deadlineMs = 0;
      this.discard = true;
    }
    const span = startStatementSpan(text);
    const askedAt = performance.now();
    try {
      const query = { text, values: [...values], query_timeout: this.deadlineMs };
      const result = (await this.client.query(query)) as unknown as PostgresQueryResult<Row>;
      this.witness.onAnswered();
      return result;
    } catch (error) {
      if (span) failStatementSpan(span, error);
      if (isSilence(error)) this.witness.onSilent(askedAt);
      const classified = orDatabaseUnavailable(error);
      if (classified instanceof DatabaseUnavailable) {
        this.failure = classified;
        this.discard = true;
      }
      throw classified;
    } finally {
      span?.end();
    }
  }
}
