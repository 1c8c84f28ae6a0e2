import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LOUD_ATTACKS } from './attack-run/attacks';
import { readDashboards } from './attack-run/dashboard';
import { pageOf } from './attack-run/page/page';
import { panelDataOf } from './attack-run/panel-data';
import { PrometheusApi, type Span } from './attack-run/prometheus-api';
import { SCRAPE_SECONDS, startPrometheus } from './attack-run/prometheus-server';
import { listenForInterruption } from './cli/interruption';
import { inheritedFrom } from './cli/launcher-configuration';
import { paintFor } from './cli/paint';
import { runCommand } from './cli/run-command';
import type { Cluster } from './cluster/cluster';
import { SERVICE_NAMES } from './cluster/listeners';
import { startCluster } from './cluster/start-cluster';
import { CHAPTERS } from './demo/chapters';
import { play } from './demo/play';
import { Stage } from './demo/stage';
import type { Step } from './demo/step';

const SETTINGS = {
  'orders-service': { RECONCILE_INTERVAL_SECONDS: '1', RECONCILE_AFTER_SECONDS: '3' },
  // Five times the usual: a machine that is busy with all of this at once is no feed that is lost.
  gateway: { REVOCATION_BOUND_MS: '10000' },
};

/** Long enough for what counts as the usual to be seen beside the attacks. */
const QUIET_SECONDS = 5;

/** Requests of somebody who has a right to them, before each step. */
const USUAL_REQUESTS = 3;

const print = (line: string): void => {
  console.log(line);
};

/**
 * `npm run attack-run [-- FOLDER]`: a cluster of its own with a Prometheus beside it, the story and every attack of the demo
 * and more, and then each panel of each dashboard asked for what it shows. One that Prometheus cannot parse or finds
 * nothing for fails the run. The pages it writes show what was found.
 */
async function attackRun(): Promise<number> {
  const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'sallyport-attack-run-')));
  await mkdir(folder, { recursive: true });
  const home = await mkdtemp(join(tmpdir(), 'sallyport-attacked-'));
  const interruption = listenForInterruption({
    source: process,
    now: () => performance.now(),
    onRepeated: () => process.exit(1),
  });
  try {
    const cluster = await startCluster({
      home,
      ports: 'free',
      signal: interruption.signal,
      inherited: inheritedFrom(process.env),
      serviceSettings: SETTINGS,
      onProgress: print,
      log: print,
    });
    try {
      return await watched(cluster, home, folder, interruption.signal);
    } finally {
      await cluster.stop();
    }
  } finally {
    interruption.stopListening();
    await rm(home, { recursive: true, force: true });
  }
}

async function watched(
  cluster: Cluster,
  home: string,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const targets = SERVICE_NAMES.map((name) => new URL(cluster.services[name].opsUrl).host);
  const prometheus = await startPrometheus(home, targets);
  try {
    const start = Date.now() / 1000;
    await pause(QUIET_SECONDS * 1_000);
    const kept = await attack(cluster, signal);
    await pause(3 * SCRAPE_SECONDS * 1_000);
    const span = { start, end: Date.now() / 1000, step: 2 };
    const api = new PrometheusApi(prometheus.url);
    const problems = await picture(api, span, { cluster, folder });
    print(`\nalerts: ${(await api.alerts()).join(', ') || 'none'}`);
    print(problems === 0 ? 'every panel shows something' : `${problems} expressions show nothing`);
    return kept === undefined || problems > 0 ? 1 : 0;
  } finally {
    await prometheus.stop();
  }
}

async function attack(cluster: Cluster, signal: AbortSignal): Promise<number | undefined> {
  const stage = await Stage.open(cluster);
  const paint = paintFor(process.stdout, process.env['NO_COLOR']);
  const chapters = [...CHAPTERS, LOUD_ATTACKS];
  const run = async (step: Step) => {
    const outcome = await step.run(stage);
    await askAsUsual(stage);
    return outcome;
  };
  return play(chapters, run, { print, paint, signal }).finally(() => {
    stage.close();
  });
}

async function askAsUsual({ client, facts }: Stage): Promise<void> {
  for (let sent = 0; sent < USUAL_REQUESTS; sent += 1) {
    const accessToken = facts.find('accessToken');
    if (accessToken === undefined) return;
    await client.send({ method: 'GET', path: '/orders', accessToken });
  }
  // What is asked here is logged before the next step looks at the log.
  await pause(100);
}

async function picture(
  api: PrometheusApi,
  span: Span,
  { cluster, folder }: { readonly cluster: Cluster; readonly folder: string },
): Promise<number> {
  const lines = SERVICE_NAMES.flatMap((name) => cluster.logs(name))
    .filter((line) => line['event'] === 'security' && line['outcome'] === 'refused')
    .sort((a, b) => String(a['time']).localeCompare(String(b['time'])));
  let problems = 0;
  for (const [file, dashboard] of readDashboards()) {
    const panels = await panelDataOf(dashboard, api, span);
    print(`\n${dashboard.title}`);
    for (const { panel, series, problems: found } of panels) {
      if (panel.type === 'row' || panel.type === 'logs') continue;
      problems += found.length;
      print(`  ${panel.title}: ${series.length} series`);
      for (const problem of found) print(`    ${problem}`);
    }
    const page = join(folder, file.replace(/\.json$/, '.html'));
    await writeFile(page, pageOf({ dashboard, panels, span, lines }));
    print(`  pictured in ${page}`);
  }
  return problems;
}

void runCommand(attackRun);
