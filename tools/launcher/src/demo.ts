import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenForInterruption } from './cli/interruption';
import { inheritedFrom } from './cli/launcher-configuration';
import { paintFor } from './cli/paint';
import { runCommand } from './cli/run-command';
import { startCluster } from './cluster/start-cluster';
import { CHAPTERS } from './demo/chapters';
import { play } from './demo/play';
import { Stage } from './demo/stage';

/** Orders are reconciled sooner than anybody wants to wait for. */
const ORDERS_SETTINGS = { RECONCILE_INTERVAL_SECONDS: '1', RECONCILE_AFTER_SECONDS: '3' };

/** `npm run demo`: a cluster of its own, the story and the attacks, and nothing left of it afterwards. */
async function demo(): Promise<number> {
  const startedAt = performance.now();
  const home = await mkdtemp(join(tmpdir(), 'sallyport-demo-'));
  const interruption = listenForInterruption({
    source: process,
    now: () => performance.now(),
    onRepeated: () => process.exit(1),
  });
  let hasFailed = true;
  try {
    const kept = await playOnCluster(home, interruption.signal);
    hasFailed = kept === undefined;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log('');
    if (hasFailed) console.error(`a step was not as promised; logs: ${join(home, 'logs')}`);
    else console.log(`${kept ?? 0} steps as promised, in ${seconds} s`);
    return hasFailed ? 1 : 0;
  } finally {
    interruption.stopListening();
    await empty(home, { but: hasFailed && !interruption.signal.aborted ? 'logs' : undefined });
  }
}

/** Removes a folder; what is named stays, and the folder with it. */
async function empty(folder: string, { but }: { readonly but: string | undefined }): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (entry !== but) await rm(join(folder, entry), { recursive: true, force: true });
  }
  if (but === undefined) await rmdir(folder);
}

async function playOnCluster(home: string, signal: AbortSignal): Promise<number | undefined> {
  const print = (line: string): void => {
    console.log(line);
  };
  const cluster = await startCluster({
    home,
    ports: 'free',
    signal,
    inherited: inheritedFrom(process.env),
    serviceSettings: { 'orders-service': ORDERS_SETTINGS },
    onProgress: print,
    log: print,
  });
  try {
    const stage = await Stage.open(cluster);
    const paint = paintFor(process.stdout, process.env['NO_COLOR']);
    return await play(CHAPTERS, (step) => step.run(stage), { print, paint, signal }).finally(() => {
      stage.close();
    });
  } finally {
    await cluster.stop();
  }
}

void runCommand(demo);
