import type { ConnectionOptions } from 'node:tls';
import { BEGINNING, FeedConnection } from './feed-connection';
import { parseEntry } from './feed-entry';
import { revocationKey, type Revocation } from './revocation';

/** What stood in the feed when it was read. */
export interface FeedContents {
  /** Each once. */
  readonly revocations: readonly Revocation[];
  /** By when everything recorded stands in it, as somebody has vouched; undefined when nobody has. */
  readonly completeAt: Date | undefined;
}

const READ_AT_ONCE = 1_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** Reads the feed once, from its beginning, and changes nothing. Rejects with the error of the store. */
export async function readFeed(options: {
  /** redis:// or rediss://; holds the password. */
  readonly redisUrl: string;
  /** For `rediss://`: what the server's certificate is verified with, unless by the system's authorities. */
  readonly tls?: ConnectionOptions | undefined;
  /** Shown by the server for the connection. */
  readonly name: string;
}): Promise<FeedContents> {
  const connection = await FeedConnection.open({
    url: options.redisUrl,
    tls: options.tls,
    name: options.name,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  });
  try {
    const revocations = new Map<string, Revocation>();
    let completeAt = 0;
    let isNamed = false;
    for (let position = BEGINNING; ;) {
      const { entries, generation } = await connection.read(position, READ_AT_ONCE, 0);
      isNamed = generation !== undefined;
      for (const { fields } of entries) {
        const entry = parseEntry(fields);
        if (entry === undefined) continue;
        if (entry.kind === 'heartbeat') completeAt = Math.max(completeAt, entry.completeAt);
        else revocations.set(revocationKey(entry), entry);
      }
      const last = entries.at(-1);
      if (last === undefined) break;
      position = last.position;
    }
    return {
      revocations: [...revocations.values()],
      completeAt: isNamed && completeAt > 0 ? new Date(completeAt) : undefined,
    };
  } finally {
    connection.close();
  }
}
