#!/usr/bin/env node
// Everything CI verifies, one step after the other; stops at the first that fails.
//   npm run check            all of it
//   npm run check -- static  without the tests
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const generated = 'libs/contracts/src/generated';
const scratch = mkdtempSync(join(tmpdir(), 'sallyport-check-'));

const steps = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['wire contract: lint', 'buf', 'lint', 'proto'],
  [
    'wire contract: no breaking change',
    'buf',
    'breaking',
    'proto',
    '--against',
    'proto/baseline.json',
  ],
  [
    'wire contract: generate',
    'buf',
    'generate',
    'proto',
    '--template',
    'proto/buf.gen.yaml',
    '-o',
    scratch,
  ],
  ['wire contract: generated code is current', 'diff', '-r', join(scratch, generated), generated],
  ['package lock: complete', 'node', 'tools/check-lock.mjs'],
  ['documents: links', 'node', 'tools/check-links.mjs'],
  ['documents: tests named for conformance', 'node', 'tools/check-conformance.mjs'],
  ['alerts: rules and their tests', 'node', 'tools/check-observability.mjs'],
  ['types', 'tsc', '-p', 'tsconfig.check.json'],
  // The boundary rule reads the project graph that Nx keeps, and without one passes everything.
  ['project graph', 'nx', 'graph', '--file', join(scratch, 'graph.json')],
  ['lint and boundaries', 'eslint', '.', '--max-warnings', '0'],
  ['tests', 'npm', 'test', '--silent'],
];

const wanted = process.argv[2] === 'static' ? steps.slice(0, -1) : steps;
const path = `${join(process.cwd(), 'node_modules/.bin')}:${process.env.PATH}`;
let failed;
for (const [title, command, ...args] of wanted) {
  const started = performance.now();
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, NX_DAEMON: 'false' },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)`);
  if (status !== 0) {
    if (error) console.error(error.message);
    failed = title;
    break;
  }
}
rmSync(scratch, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
