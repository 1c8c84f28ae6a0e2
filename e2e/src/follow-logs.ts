import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SERVICES, ofEveryService } from './cluster-facts';
import type { ServiceName } from './cluster-facts';
import type { DescribedCluster } from './cluster-file';
import { eventually } from './eventually';

/** Logs that are on this machine for as long as they are followed. */
export interface FollowedLogs {
  readonly files: Readonly<Record<ServiceName, string>>;
  stop(): Promise<void>;
}

/**
 * Has the log of every service as a file that grows: the service's own, or what its command prints, kept in the folder.
 * Commands are run at home.
 * Resolves when each of them says that its service has started.
 *
 * @throws Error that names the service whose log does not
 */
export async function followLogs(
  logs: NonNullable<DescribedCluster['logs']>,
  home: string,
  folder: string,
): Promise<FollowedLogs> {
  await mkdir(folder, { recursive: true });
  const stops: (() => Promise<void>)[] = [];
  const files = ofEveryService((service) => {
    const log = logs[service];
    if ('file' in log) return log.file;
    const file = join(folder, `${service}.log`);
    stops.push(follow(log.command, home, file));
    return file;
  });
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()));
  };
  for (const service of SERVICES) {
    if (await saysStarted(files[service])) continue;
    await stop();
    throw new Error(`the log of ${service} does not say that it has started`);
  }
  return { files, stop };
}

/** Gives what ends it. What it complains of stands among the lines: a service's own complaints do so too. */
function follow(
  [program = '', ...words]: readonly string[],
  home: string,
  file: string,
): () => Promise<void> {
  const log = openSync(file, 'a', 0o600);
  const child = spawn(program, words, { cwd: home, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => {
      resolve();
    });
    child.once('close', () => {
      resolve();
    });
  });
  return async () => {
    child.kill();
    await ended;
  };
}

function saysStarted(file: string): Promise<boolean> {
  return eventually(
    () =>
      Promise.resolve(existsSync(file) && readFileSync(file, 'utf8').includes('"event":"started"')),
    (says) => says,
  );
}
