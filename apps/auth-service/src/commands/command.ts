import type { INestApplicationContext } from '@nestjs/common';
import type { FeedContents } from '@sallyport/revocation';

/** What a command may use. */
export interface CommandContext {
  /** The services of auth-service, over its own stores. */
  readonly app: INestApplicationContext;
  /** What came after the command's name. */
  readonly arguments: readonly string[];
  /** Everything on the standard input. */
  readonly readInput: () => Promise<string>;
  /** The revocation feed as it stands in Redis. */
  readonly readFeed: () => Promise<FeedContents>;
  readonly print: (line: string) => void;
}

/** One command of an operator. */
export interface Command {
  /** How it is written, and what it does; for the help. */
  readonly usage: readonly (readonly [written: string, does: string])[];
  /** @throws UsageError, ServiceError */
  run(context: CommandContext): Promise<void>;
}

/** The command was not written as its usage says. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
