import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { BEGINNING, FeedConnection, type PlacedEntry } from './feed-connection';
import { parseEntry } from './feed-entry';
import type { Revocation } from './revocation';
import type { RevocationReplica } from './revocation-replica';

export interface RevocationFollowerOptions {
  /** redis:// or rediss://; holds the password. */
  readonly redisUrl: string;
  /** For `rediss://`: what the server's certificate is verified with, unless by the system's authorities. */
  readonly redisTls?: ConnectionOptions | undefined;
  /** Shown by the server for the connection. */
  readonly name: string;
  readonly replica: RevocationReplica;
  /**
   * The stated bound, in milliseconds: within it a recorded revocation is in the replica, or the follower is no longer
   * {@link RevocationFollower.isCurrent}. At least twice the publisher's heartbeat interval.
   */
  readonly boundMs: number;
  /** Told when a connection fails, once for each. */
  readonly onConnectionFailed?: (error: unknown) => void;
  /** Told of an entry that no publisher of this version writes. */
  readonly onEntryRefused?: (position: string) => void;
  /** Told when the replica has become current, and when it is so no longer. */
  readonly onCurrentChanged?: (isCurrent: boolean) => void;
  /** Told of each signing key that is revoked. */
  readonly onSigningKeyRevoked?: (kid: string) => void;
  /**
   * Told of each revocation once it is in the replica, for what is remembered beside it. Told again of the same one
   * when the feed repeats it.
   *
   * @param lagMs how long before that it was written to the feed, by the feed's own clock, never below 0; undefined
   * for one that was there before this follower had caught up
   */
  readonly onApplied?: (revocation: Revocation, lagMs: number | undefined) => void;
  /** Milliseconds from an arbitrary beginning, never going back; the process' own when left out. */
  readonly monotonicNow?: () => number;
  /** Milliseconds since the epoch; the machine's when left out. */
  readonly wallNow?: () => number;
}

/** At most so many entries are taken at once: between two reads, requests are served. */
const BATCH = 1_000;

/** How long one read waits for news; a heartbeat comes long before. */
const WAIT_MS = 500;

const ANSWER_TIMEOUT_MS = 1_500;
const UNNAMED_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/**
 * Keeps a replica in step with the feed, from its beginning and without a gap: the feed is one ordered log, read from
 * a position on, so nothing can come between a snapshot and what follows it. A feed of another generation was lost
 * meanwhile, and is read from its beginning again.
 *
 * The replica counts as current for as long as the newest heartbeat's word is younger than the bound. Its age is
 * reckoned from what the feed's clock said beside the answer and from the moment the question was asked, so neither
 * another machine's clock nor a process that was suspended makes it younger than it is. Of the two clocks of this
 * machine the one counts by which it is older: one stands still while the machine sleeps, the other can be set back.
 */
export class RevocationFollower {
  readonly #options: RevocationFollowerOptions;
  readonly #monotonicNow: () => number;
  readonly #wallNow: () => number;
  readonly #closing = new AbortController();
  #connection: FeedConnection | undefined;
  #running: Promise<void> | undefined;
  #position = BEGINNING;
  /** Of the feed the position stands in. */
  #generation: string | undefined;
  /** Whether everything up to the position was the newest there was when it was read. */
  #isAtTail = false;
  /** Up to when the replica is known to be complete, by either clock. */
  #completeAtMonotonic = -Infinity;
  #completeAtWall = -Infinity;
  #wasCurrent = false;

  constructor(options: RevocationFollowerOptions) {
    this.#options = options;
    this.#monotonicNow = options.monotonicNow ?? (() => performance.now());
    this.#wallNow = options.wallNow ?? Date.now;
  }

  /** Begins to follow, and goes on until it is closed; whatever fails is tried again. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Stops following; the replica is current no more once the bound has passed. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#connection?.close();
    await this.#running;
  }

  /** Whether the replica holds every revocation that was recorded longer than the bound ago. */
  get isCurrent(): boolean {
    return this.ageMs < this.#options.boundMs;
  }

  /** How long ago the replica was known to be complete, in milliseconds; Infinity before it ever was. */
  get ageMs(): number {
    return Math.max(
      this.#monotonicNow() - this.#completeAtMonotonic,
      this.#wallNow() - this.#completeAtWall,
    );
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#isClosed(); failures += 1) {
      try {
        await this.#followOneConnection(() => {
          failures = 0;
        });
      } catch (error) {
        if (!this.#isClosed()) this.#options.onConnectionFailed?.(error);
      }
      this.#connection?.close();
      this.#noteCurrency();
      await this.#pause(Math.min(20 * 2 ** failures, LONGEST_PAUSE_MS));
    }
  }

  async #followOneConnection(onAnswered: () => void): Promise<void> {
    const { redisUrl: url, redisTls: tls, name } = this.#options;
    const connection = await FeedConnection.open({
      url,
      tls,
      name,
      answerTimeoutMs: ANSWER_TIMEOUT_MS,
    });
    this.#connection = connection;
    this.#isAtTail = false;
    // What was read may have been lost with the connection, and what is written now may stand below it.
    if (this.#position !== BEGINNING && !(await connection.holds(this.#position)))
      this.#beginAgain();
    const connectedAt = this.#monotonicNow();
    while (!this.#isClosed()) {
      const count = await this.#readOnce(connection);
      if (this.isCurrent) onAnswered();
      const isSilent = count === 0 && !this.isCurrent;
      // It may be the connection that nothing comes through any more, or a server that nobody writes to.
      if (isSilent && this.#monotonicNow() - connectedAt > this.#options.boundMs) return;
    }
  }

  /** @returns how many entries were read. */
  async #readOnce(connection: FeedConnection): Promise<number> {
    const [askedAtMonotonic, askedAtWall] = [this.#monotonicNow(), this.#wallNow()];
    const waitMs = this.isCurrent ? WAIT_MS : Math.min(WAIT_MS, 100);
    const read = await connection.read(this.#position, BATCH, waitMs);
    const { entries, generation, answeredAt } = read;
    if (generation === undefined || generation !== this.#generation) {
      await this.#turnTo(generation);
      return entries.length;
    }
    const wasAtTail = this.#isAtTail;
    const completeAt = this.#take(entries, wasAtTail ? answeredAt : undefined);
    this.#isAtTail = entries.length < BATCH;
    // Only a heartbeat that came while the end of the feed was watched is news: another may be as old as the feed. One
    // from the future was given before the clock was set back. Behind a full batch there is more, not all of it here yet.
    const isNews =
      wasAtTail && this.#isAtTail && completeAt !== undefined && completeAt <= answeredAt;
    if (isNews) this.#noteComplete(askedAtMonotonic, askedAtWall, answeredAt - completeAt);
    // By the clock that is behind: a token may live on where another clock says that it has ended.
    this.#options.replica.sweep(Math.floor(Math.min(answeredAt, this.#wallNow()) / 1000));
    this.#noteCurrency();
    return entries.length;
  }

  /** Another feed is read from its beginning; one without a name is still being made whole. */
  async #turnTo(generation: string | undefined): Promise<void> {
    this.#beginAgain();
    this.#generation = generation;
    this.#noteCurrency();
    if (generation === undefined) await this.#pause(UNNAMED_PAUSE_MS);
  }

  #beginAgain(): void {
    this.#position = BEGINNING;
    this.#isAtTail = false;
  }

  #noteComplete(askedAtMonotonic: number, askedAtWall: number, ageMs: number): void {
    const completeAt = askedAtMonotonic - ageMs;
    if (completeAt <= this.#completeAtMonotonic) return;
    this.#completeAtMonotonic = completeAt;
    this.#completeAtWall = askedAtWall - ageMs;
  }

  /** @returns the newest heartbeat's word, if there is one among the entries. */
  #take(entries: readonly PlacedEntry[], answeredAt: number | undefined): number | undefined {
    const { replica, onEntryRefused, onSigningKeyRevoked, onApplied } = this.#options;
    let completeAt: number | undefined;
    for (const { position, fields } of entries) {
      const entry = parseEntry(fields);
      this.#position = position;
      if (entry === undefined) onEntryRefused?.(position);
      else if (entry.kind === 'heartbeat') completeAt = Math.max(completeAt ?? 0, entry.completeAt);
      else {
        const isNewKey =
          entry.kind === 'signing_key' && !replica.isRevoked('signing_key', entry.id);
        replica.apply(entry);
        if (isNewKey) onSigningKeyRevoked?.(entry.id);
        onApplied?.(entry, lagOf(position, answeredAt));
      }
    }
    return completeAt;
  }

  #noteCurrency(): void {
    const { isCurrent } = this;
    if (isCurrent === this.#wasCurrent) return;
    this.#wasCurrent = isCurrent;
    this.#options.onCurrentChanged?.(isCurrent);
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }
}

/** A position begins with when its entry was written, in milliseconds by the feed's clock. */
function lagOf(position: string, answeredAt: number | undefined): number | undefined {
  return answeredAt === undefined
    ? undefined
    : Math.max(0, answeredAt - Number.parseInt(position, 10));
}
