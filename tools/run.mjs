#!/usr/bin/env node
// Builds what a command needs, then runs it in this same process:
//   npm start · npm test · npm run e2e · npm run demo · npm run bench · npm run chaos
//   npm run upgrade-test · npm run attack-run · npm run compose:under-test
//   npm run check:tls · npm run keys · npm run accounts · npm run api-keys · npm run partners
//   npm run clients · npm run outbox · npm run explain-token · npm run audit:verify
//   npm run restored · npm run audit:restored · npm run reconcile
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const repository = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const cluster = ['gateway', 'auth-service', 'orders-service', 'billing-service', 'launcher'];
const commands = {
  start: { module: 'tools/launcher/dist/start.js', projects: cluster },
  // The tests read the libraries' sources; what they start as processes is what was built.
  test: { module: 'node_modules/jest/bin/jest.js', projects: [...cluster, 'testing'] },
  e2e: {
    module: 'node_modules/jest/bin/jest.js',
    projects: [...cluster, 'testing'],
    words: e2eWords,
  },
  demo: { module: 'tools/launcher/dist/demo.js', projects: cluster },
  'compose:under-test': {
    module: 'tools/launcher/dist/compose-under-test.js',
    projects: ['launcher'],
  },
  'attack-run': { module: 'tools/launcher/dist/attack-run.js', projects: cluster },
  bench: { module: 'tools/bench/dist/bench.js', projects: [...cluster, 'bench'] },
  'upgrade-test': {
    module: 'tools/bench/dist/upgrade/upgrade-test.js',
    projects: [...cluster, 'bench'],
  },
  chaos: { module: 'tools/chaos/dist/chaos.js', projects: [...cluster, 'chaos'] },
  'check:tls': {
    module: 'tools/tls-check/dist/tls-check.js',
    projects: ['tls-check'],
    quiet: true,
  },
  'docs:errors': { module: 'tools/write-errors-document.mjs', projects: ['gateway'] },
  'audit:verify': {
    module: 'tools/launcher/dist/audit-verify.js',
    projects: ['launcher'],
    quiet: true,
  },
  reconcile: { module: 'tools/launcher/dist/reconcile.js', projects: ['launcher'], quiet: true },
  'audit:restored': {
    module: 'tools/launcher/dist/audit-restored.js',
    projects: ['launcher'],
    quiet: true,
  },
  restored: operatorCommand('restored'),
  keys: operatorCommand('keys'),
  accounts: operatorCommand('accounts'),
  'api-keys': operatorCommand('api-keys'),
  partners: operatorCommand('partners'),
  clients: operatorCommand('clients'),
  outbox: operatorCommand('outbox'),
  'explain-token': operatorCommand('explain-token'),
};

/** What an operator does to the cluster that runs: auth-service's own commands, with nothing else on the output. */
function operatorCommand(name) {
  const projects = ['auth-service', 'launcher'];
  return { module: 'tools/launcher/dist/operate.js', projects, before: [name], quiet: true };
}

/** `[--cluster FILE] [PATTERN…]`: the journeys and attacks whose path holds a pattern, against the cluster of the file. */
function e2eWords(words) {
  const at = words.indexOf('--cluster');
  const patterns = words.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  if (at >= 0) {
    const file = words[at + 1];
    if (file === undefined) throw new Refusal('usage: npm run e2e -- [--cluster FILE] [PATTERN …]');
    process.env.SALLYPORT_E2E_CLUSTER_FILE = resolve(file);
  }
  const chosen = patterns.length > 0 ? patterns : ['e2e/journeys/', 'e2e/attacks/'];
  return ['--selectProjects', 'e2e', '--testPathPatterns', ...chosen];
}

class Refusal extends Error {}

function findCommand(name) {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Refusal(`usage: node tools/run.mjs ${Object.keys(commands).join('|')}`);
  return command;
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  // Packages that are ES modules only are loaded with require(): 20.19 and 22.12 are the first that can.
  const isRecent = major > 20 || (major === 20 && minor >= 19);
  if (isRecent && process.features.require_module) return;
  throw new Refusal(
    `Sallyport needs Node.js 20.19 or later (of 22: 22.12 or later), this is ${process.versions.node}`,
  );
}

function requirePackages() {
  if (existsSync(join(repository, 'node_modules', 'nx', 'package.json'))) return;
  throw new Refusal('the packages are not installed: run "npm ci" first');
}

async function build({ projects, quiet = false }) {
  const startedAt = performance.now();
  const require = createRequire(import.meta.url);
  const nxPackage = require.resolve('nx/package.json');
  const nx = join(dirname(nxPackage), require(nxPackage).bin.nx);
  const names = projects.map((name) => `@sallyport/${name}`).join(',');
  const say = (text) => quiet || process.stdout.write(text);
  say('building … ');
  const { code, output } = await run([nx, 'run-many', '-t', 'build', '-p', names]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  say(code === 0 ? `${seconds} s\n` : `failed after ${seconds} s\n`);
  if (code === 0) return;
  process.stderr.write(output);
  throw new Refusal('the build failed; its output is above');
}

function run(args) {
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: repository,
      env: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => done({ code: 1, output: `${error.message}\n` }));
    child.once('close', (code) => done({ code, output: Buffer.concat(output) }));
  });
}

try {
  const [, , name] = process.argv;
  const command = findCommand(name);
  const words = command.words?.(process.argv.slice(3)) ?? process.argv.slice(3);
  requireNode();
  requirePackages();
  await build(command);
  const path = join(repository, command.module);
  process.argv.splice(1, Infinity, path, ...(command.before ?? []), ...words);
  await import(pathToFileURL(path).href);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
