#!/usr/bin/env node
// Alerting and recording rules parse, their tests hold, and what Prometheus and Alertmanager are given is sound.
// Wants promtool and amtool; skips what is not there, which SALLYPORT_FAIL_ON_SKIP=1 does not let pass.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '../deploy/observability');
const filesIn = (name) => readdirSync(join(folder, name)).map((file) => join(folder, name, file));

const checks = [
  ['promtool', 'check', 'config', join(folder, 'prometheus/prometheus.yml')],
  ['promtool', 'check', 'config', join(folder, 'prometheus/local.yml')],
  ['promtool', 'check', 'rules', ...filesIn('prometheus/rules')],
  ['promtool', 'test', 'rules', ...filesIn('prometheus/tests')],
  ['amtool', 'check-config', join(folder, 'alertmanager/alertmanager.yml')],
];

let failed = 0;
for (const [tool, ...args] of checks) {
  const { status, error, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' });
  const title = `${tool} ${args.slice(0, 2).join(' ').replace(`${folder}/`, '')}`;
  if (error?.code === 'ENOENT') {
    console.warn(`SKIPPED ${title}: there is no ${tool} on the search path`);
    if (process.env.SALLYPORT_FAIL_ON_SKIP === '1') failed += 1;
  } else if (status !== 0) {
    console.error(`FAILED  ${title}\n${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`);
    failed += 1;
  }
}
process.exitCode = failed > 0 ? 1 : 0;
