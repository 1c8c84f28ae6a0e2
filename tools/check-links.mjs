#!/usr/bin/env node
// Every relative link in the documents leads to a file of this repository.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const documents = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' })
  .trim()
  .split('\n');
const broken = documents.flatMap((document) =>
  [...readFileSync(document, 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
    .map(([, target]) => target)
    .filter((target) => !existsSync(join(dirname(document), target)))
    .map((target) => `${document}: ${target} is not there`),
);
for (const line of broken) console.error(line);
process.exitCode = broken.length > 0 ? 1 : 0;
