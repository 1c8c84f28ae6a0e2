#!/usr/bin/env node
// Each row of docs/conformance.md is shown by a test that exists, or has a reason why it does not apply. A test is named by
// words that stand in its file, in “quotes”; where something is between them, with an … in between.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'docs';
const document = readFileSync(join(FOLDER, 'conformance.md'), 'utf8');
const references = new Map(
  [...document.matchAll(/^\[(\w+)\]: (\S+)$/gm)].map(([, name, target]) => [name, target]),
);
const rows = document
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|[\s|-]+\|$/.test(line))
  .map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .filter(([name]) => name !== 'case');
const problems = rows.flatMap((row) => faultsOf(row).map((fault) => `${row[0]}: ${fault}`));
for (const problem of problems) console.error(`docs/conformance.md: ${problem}`);
process.exitCode = problems.length > 0 || rows.length === 0 ? 1 : 0;

function faultsOf([name, shownBy, told, ...more]) {
  if (!name || !shownBy || told === undefined || more.length > 0) return ['is no row of three'];
  if (shownBy === 'does not apply') return told.length > 0 ? [] : ['has no reason'];
  const files = [...targetsIn(shownBy), ...targetsIn(told)];
  const missing = files.filter((file) => !existsSync(file)).map((file) => `${file} is not there`);
  if (missing.length > 0) return missing;
  if (files.length === 0) return ['names no file'];
  const words = files.map((file) => plain(readFileSync(file, 'utf8'))).join('\n');
  const names = [...told.matchAll(/“([^”]+)”/g)].map(([, quoted]) => quoted);
  if (names.length === 0) return ['names no test'];
  return names
    .flatMap((quoted) => quoted.split('…'))
    .map(plain)
    .filter((part) => !words.includes(part))
    .map((part) => `no test says “${part}”`);
}

/** Files that a cell links to, directly or by a reference. */
function targetsIn(cell) {
  const direct = [...cell.matchAll(/\]\(([^)#\s]+)\)/g)].map(([, target]) => target);
  const named = [...cell.matchAll(/\]\[(\w+)\]/g)].map(([, name]) => references.get(name) ?? name);
  return [...direct, ...named].map((target) => join(FOLDER, target));
}

/** As text, whatever quotes and breaks it is written with. */
function plain(text) {
  return text.replace(/[`'’"\s]+/g, ' ').trim();
}
