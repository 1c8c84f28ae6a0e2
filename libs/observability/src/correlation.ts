import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();

/** Runs `work` so that {@link correlationId} gives `id` in it and in everything asynchronous it starts. */
export function runWithCorrelation<Result>(id: string, work: () => Result): Result {
  return storage.run(id, work);
}

/** The id of the request being worked on, or undefined outside of one. */
export function correlationId(): string | undefined {
  return storage.getStore();
}

/** A new unique correlation id. */
export function newCorrelationId(): string {
  return randomUUID();
}

/** A correlation id handed over by another party, or undefined unless it is 8 to 64 letters, digits, `_` or `-`. */
export function parseCorrelationId(presented: string | undefined): string | undefined {
  return presented !== undefined && /^[\w-]{8,64}$/.test(presented) ? presented : undefined;
}
