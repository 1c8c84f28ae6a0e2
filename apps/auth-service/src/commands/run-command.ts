import 'reflect-metadata';
import { text } from 'node:stream/consumers';
import { NestFactory } from '@nestjs/core';
import { openAudit } from '@sallyport/audit';
import { ConfigurationError, type Environment } from '@sallyport/configuration';
import { nestOptions, ServiceError } from '@sallyport/nest-zero-trust';
import { createRegistry } from '@sallyport/observability';
import { readFeed, redisTls } from '@sallyport/revocation';
import { systemClock } from '@sallyport/tokens';
import { DatabaseUnavailable } from '@sallyport/persistence';
import { OperatorCommandsModule } from '../app.module';
import { openDatabase, openDependencies, readSurroundings, SERVICE } from '../dependencies';
import { SealBroken } from '../signing-keys/key-encryption';
import { accountsCommand } from './accounts.command';
import { apiKeysCommand } from './api-keys.command';
import { clientsCommand } from './clients.command';
import { UsageError } from './command';
import type { Command } from './command';
import { LeftToTheService } from './awaited-publication';
import { explainTokenCommand } from './explain-token.command';
import { keysCommand } from './keys.command';
import { outboxCommand } from './outbox.command';
import { partnersCommand } from './partners.command';
import { restoredCommand } from './restored.command';

const COMMANDS: Readonly<Record<string, Command>> = {
  keys: keysCommand,
  accounts: accountsCommand,
  'api-keys': apiKeysCommand,
  partners: partnersCommand,
  clients: clientsCommand,
  outbox: outboxCommand,
  'explain-token': explainTokenCommand,
  restored: restoredCommand,
};

export interface CommandLine {
  readonly environment: Environment;
  readonly arguments: readonly string[];
  readonly input: NodeJS.ReadableStream;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/**
 * Carries out one command of an operator with the services, stores and settings of auth-service, beside those that
 * run: it needs no access token, so it works when tokens are what is wrong. Resolves with the exit code.
 */
export async function runCommand(line: CommandLine): Promise<number> {
  const [name = '', ...rest] = line.arguments;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    for (const each of usageOf(Object.values(COMMANDS))) line.complain(each);
    return 2;
  }
  try {
    await runWithServices(line, command, rest);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      for (const each of usageOf([command])) line.complain(each);
      return 2;
    }
    line.complain(readable(error));
    return 1;
  }
}

async function runWithServices(
  { environment, input, print, complain }: CommandLine,
  command: Command,
  rest: readonly string[],
): Promise<void> {
  // The log goes to the error output: the standard output is the command's answer.
  const { config, logger } = readSurroundings(environment, {
    write: (line) => complain(line.trimEnd()),
  });
  const registry = createRegistry({ service: SERVICE });
  const database = openDatabase(config);
  // The service that runs tells the head of the chain.
  const audit = openAudit({ database, logger, registry, clock: systemClock, isCommand: true });
  let feed: LeftToTheService | undefined;
  const dependencies = openDependencies({
    config,
    logger,
    database,
    events: audit.events,
    feedOver: () => (feed = new LeftToTheService(database)),
  });
  const surroundings = { logger, clock: systemClock };
  const app = await NestFactory.createApplicationContext(
    OperatorCommandsModule.over(surroundings, dependencies.ports),
    nestOptions(logger),
  );
  try {
    await command.run({
      app,
      arguments: rest,
      readInput: () => text(input),
      readFeed: () =>
        readFeed({
          redisUrl: config.REDIS_URL,
          tls: redisTls(config.REDIS_CA_FILE),
          name: SERVICE,
        }),
      print,
    });
    const outcome = await feed?.outcome();
    if (outcome !== undefined) print(outcome);
  } finally {
    await app.close();
    await audit.close();
    dependencies.close();
    await database.close();
  }
}

function usageOf(commands: readonly Command[]): readonly string[] {
  const lines = commands.flatMap(({ usage }) => usage);
  const width = Math.max(...lines.map(([written]) => written.length));
  return ['usage:', ...lines.map(([written, does]) => `  ${written.padEnd(width)}  ${does}`)];
}

/** One line for what an operator can do something about, the stack for a defect. */
function readable(error: unknown): string {
  if (error instanceof ServiceError)
    return error.detail === undefined
      ? `refused: ${error.reason}`
      : `refused: ${error.reason} (${error.detail})`;
  const isForPeople =
    error instanceof ConfigurationError ||
    error instanceof DatabaseUnavailable ||
    error instanceof SealBroken;
  if (isForPeople) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
