#!/usr/bin/env node
// The lock file must hold every platform's optional packages. npm leaves out those that a registry or a machine
// does not have, and then `npm ci` refuses the lock file everywhere else.
import { readFileSync } from 'node:fs';

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const problems = [];
for (const [path, { extraneous, optionalDependencies = {} }] of Object.entries(packages)) {
  if (extraneous) problems.push(`${path} is extraneous`);
  for (const name of Object.keys(optionalDependencies)) {
    if (!isLocked(path, name)) problems.push(`${path || 'the workspace'} lacks ${name}`);
  }
}
for (const problem of problems) console.error(`package-lock.json: ${problem}`);
if (problems.length > 0) {
  console.error(
    'restore these entries from the last commit, or install with a registry that has them',
  );
  process.exitCode = 1;
}

/** Node looks beside a package, then beside each of those it lies in. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('/node_modules/'))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]) return true;
    if (!at.includes('/node_modules/')) break;
  }
  return packages[`node_modules/${name}`] !== undefined;
}
