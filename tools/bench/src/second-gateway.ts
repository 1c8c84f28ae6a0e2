import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '@sallyport/launcher';
import { endChild } from './child';

export interface SecondGateway {
  readonly origin: string;
  stop(): Promise<void>;
}

const MODULE = join(__dirname, '../../../apps/gateway/dist/main.js');
const READY_WITHIN_MS = 30_000;

/** Free ports of its own; everything else, the issuer of the tokens included, is as with the first. */
const LISTEN = {
  PUBLIC_LISTEN: '127.0.0.1:0',
  PLAIN_LISTEN: '',
  OPS_LISTEN: '127.0.0.1:0',
  LOG_LEVEL: 'info',
};

/** Starts another replica of the cluster's gateway, with other settings where given; resolves when it is ready. */
export const startSecondGateway = async (
  { services }: Cluster,
  home: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<SecondGateway> => {
  const logFile = join(home, 'logs', `second-gateway-${randomUUID()}.log`);
  const child = start({ ...services.gateway.environment, ...LISTEN, ...settings }, logFile);
  const stop = (): Promise<void> => endChild(child);
  try {
    const { publicPort, operationsPort } = await startedLine(logFile, child);
    await ready(`http://127.0.0.1:${operationsPort}/health/ready`);
    return { origin: `https://localhost:${publicPort}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Its output goes straight to a file, so that this process has no work with it. */
const start = (env: Readonly<Record<string, string>>, logFile: string): ChildProcess => {
  const log = openSync(logFile, 'a', 0o600);
  try {
    return fork(MODULE, [], { env, stdio: ['ignore', log, log, 'ipc'] });
  } finally {
    closeSync(log);
  }
};

interface Ports {
  readonly publicPort: number;
  readonly operationsPort: number;
}

/** The ports it got, as it logs them once it listens. */
const startedLine = async (logFile: string, child: ChildProcess): Promise<Ports> => {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += 50) {
    const lines = readFileSync(logFile, 'utf8').split('\n');
    const started = lines.find((line) => line.includes('"event":"started"'));
    if (started !== undefined) return JSON.parse(started) as Ports;
    if (child.exitCode !== null) throw new Error(`the second gateway ended: ${lines.join('\n')}`);
    await delay(50);
  }
  throw new Error('the second gateway did not start in time');
};

const ready = async (url: string): Promise<void> => {
  for (let waitedMs = 0; waitedMs < READY_WITHIN_MS; waitedMs += 50) {
    if ((await fetch(url)).ok) return;
    await delay(50);
  }
  throw new Error('the second gateway was not ready in time');
};
