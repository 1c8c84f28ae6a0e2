import { setTimeout as delay } from 'node:timers/promises';
import type { PacedReads } from '../traffic/paced-reads-process';
import type { KeyOperator } from './key-operator';
import type { Sessions } from './sessions';

/** For how long a key is published before it signs, here. */
export const PUBLISH_AHEAD_SECONDS = 2;

const ROTATION_EVERY_MS = 5_000;
const SESSIONS_EVERY_MS = 1_000;
const REFRESHES_EACH = 2;

export interface RotatingLoad {
  readonly operator: KeyOperator;
  readonly sessions: Sessions;
  readonly reads: PacedReads;
}

/** Replaces the signing key again and again while sessions are opened and refreshed; resolves with the keys in turn. */
export const rotateFor = async (
  durationMs: number,
  { operator, sessions, reads }: RotatingLoad,
): Promise<readonly string[]> => {
  const endsAt = performance.now() + durationMs;
  const keys: string[] = [];
  const rotating = every(ROTATION_EVERY_MS, endsAt, async () => {
    await operator.prepare();
    // A little more, because both clocks are read in whole milliseconds.
    await delay(PUBLISH_AHEAD_SECONDS * 1000 + 20);
    keys.push(await operator.activate());
    console.log(`${keys.length} keys activated`);
  });
  const signingIn = every(SESSIONS_EVERY_MS, endsAt, async () => {
    await sessions.open();
    for (let refreshes = 0; refreshes < REFRESHES_EACH; refreshes += 1) await sessions.refreshOne();
    reads.present(sessions.accessTokens);
  });
  await Promise.all([rotating, signingIn]);
  return keys;
};

/** Does something at equal distances, or at once when it took longer. */
const every = async (ms: number, endsAt: number, work: () => Promise<void>): Promise<void> => {
  for (let due = performance.now(); due < endsAt; due += ms) {
    await delay(Math.max(0, due - performance.now()));
    await work();
  }
};
