import { execFile, fork } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endChild } from '../child';
import type { Service } from './next-version';

const READY_WITHIN_MS = 120_000;

/** A service of some version, beside the others. */
export interface Instance {
  readonly service: Service;
  end(): Promise<void>;
}

export interface InstanceOptions {
  readonly service: Service;
  /** The checkout whose build is run. */
  readonly checkout: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** Starts an instance; resolves when it is ready. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { service, checkout, environment, logFile } = options;
  const module = join(checkout, 'apps', service, 'dist', 'main.js');
  const log = openSync(logFile, 'a', 0o600);
  const child = fork(module, [], { env: environment, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const end = (): Promise<void> => endChild(child);
  try {
    const url = `http://${environment['OPS_LISTEN'] ?? ''}/health/ready`;
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`${service} ended: ${lastLinesOf(logFile)}`);
      return fetch(url).then(
        ({ ok }) => ok,
        () => false,
      );
    });
    return { service, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Runs `migrate.js` of a version; resolves with what it printed. */
export function migrate(
  { service, checkout, environment }: Omit<InstanceOptions, 'logFile'>,
  ...options: readonly string[]
): Promise<string> {
  const module = join(checkout, 'apps', service, 'dist', 'migrate.js');
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [module, ...options], { env: environment }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${service} did not migrate: ${err || error.message}`));
    });
  });
}

function lastLinesOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').split('\n').slice(-5).join('\n');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += 100) {
    if (await condition()) return;
    await delay(100);
  }
  throw new Error(`an instance was not ready within ${READY_WITHIN_MS / 1_000} s`);
}
