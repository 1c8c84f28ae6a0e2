import type { RecordedRevocation, RevocationOutbox } from './revocation-outbox';
import { RevocationFollower, type RevocationFollowerOptions } from './revocation-follower';
import { RevocationPublisher } from './revocation-publisher';
import { RevocationReplica } from './revocation-replica';
import type { Revocation } from './revocation';

/** Records in memory, as a database would. */
export class MemoryOutbox implements RevocationOutbox {
  readonly records: (RecordedRevocation & { isPublished: boolean })[] = [];
  failure: Error | undefined;

  record(...revocations: readonly Revocation[]): readonly RecordedRevocation[] {
    const added = revocations.map((revocation, index) => ({
      recordId: String(this.records.length + index + 1),
      revocation,
      isPublished: false,
    }));
    this.records.push(...added);
    return added;
  }

  async due(limit: number): Promise<readonly RecordedRevocation[]> {
    if (this.failure) throw this.failure;
    return this.records.filter(({ isPublished }) => !isPublished).slice(0, limit);
  }

  async newestUnpublished(): Promise<string | undefined> {
    if (this.failure) throw this.failure;
    return this.records.findLast(({ isPublished }) => !isPublished)?.recordId;
  }

  async markPublished(recordIds: readonly string[]): Promise<void> {
    for (const id of recordIds) {
      const record = this.records[Number(id) - 1];
      if (record) record.isPublished = true;
    }
  }

  async inForce(after: string | undefined, limit: number): Promise<readonly RecordedRevocation[]> {
    if (this.failure) throw this.failure;
    return this.records.slice(Number(after ?? 0), Number(after ?? 0) + limit);
  }
}

const HEARTBEAT_MS = 20;

/** Long against the heartbeat, short for whoever waits for it to pass. */
export const BOUND_MS = 800;

const LATER = 4_000_000_000;

export function sessionRevocation(id: string): Revocation {
  return { kind: 'session', id, expiresAt: LATER };
}

export function claimsOf(sid: string) {
  return { jti: 'j', sid, sub: 's', client_id: 'c', iat: 1 };
}

/** Publishers and followers of one Redis, closed together. */
export class Feed {
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(readonly redisUrl: string) {}

  publisher(outbox: RevocationOutbox, options: { onFailed?: (error: unknown) => void } = {}) {
    const { redisUrl } = this;
    const publisher = new RevocationPublisher({
      redisUrl,
      name: 'publisher',
      outbox,
      heartbeatMs: HEARTBEAT_MS,
      ...options,
    });
    this.#closers.push(() => publisher.close());
    publisher.start();
    return publisher;
  }

  follower(options: Partial<RevocationFollowerOptions> = {}) {
    const { redisUrl } = this;
    const replica = new RevocationReplica();
    const follower = new RevocationFollower({
      redisUrl,
      name: 'follower',
      replica,
      boundMs: BOUND_MS,
      ...options,
    });
    this.#closers.push(() => follower.close());
    follower.start();
    return { follower, replica };
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()));
  }
}

/** Resolves as soon as a condition holds; rejects when that takes too long. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 50_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
