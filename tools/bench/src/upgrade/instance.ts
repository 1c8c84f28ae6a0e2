import { execFile, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endChild } from '../child';
import type { Service } from './next-version';

const READY_WITHIN_MS = 120_000;

/** A service of some version, beside the others. */
export interface Instance {
  readonly service: Service;
  /** Ports as its log line `started` names them. */
  readonly ports: Readonly<Record<string, number>>;
  end(): Promise<void>;
}

export interface InstanceOptions {
  readonly service: Service;
  /** The checkout whose build is run. */
  readonly checkout: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** Starts an instance on ports of its own; resolves when it is ready. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { service, checkout, environment, logFile } = options;
  const module = join(checkout, 'apps', service, 'dist', 'main.js');
  const log = openSync(logFile, 'a', 0o600);
  const child = fork(module, [], { env: environment, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const end = (): Promise<void> => endChild(child);
  try {
    const ports = await startedPorts(logFile, child);
    const url = `http://127.0.0.1:${ports['operationsPort'] ?? 0}/health/ready`;
    await until(async () => (await fetch(url)).ok);
    return { service, ports, end };
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

async function startedPorts(logFile: string, child: ChildProcess): Promise<Instance['ports']> {
  let started: string | undefined;
  await until(() => {
    const lines = readFileSync(logFile, 'utf8').split('\n');
    started = lines.findLast((line) => line.includes('"event":"started"'));
    if (child.exitCode !== null)
      throw new Error(`an instance ended: ${lines.slice(-5).join('\n')}`);
    return Promise.resolve(started !== undefined);
  });
  return JSON.parse(started ?? '{}') as Instance['ports'];
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += 100) {
    if (await condition()) return;
    await delay(100);
  }
  throw new Error(`an instance was not ready within ${READY_WITHIN_MS / 1_000} s`);
}
