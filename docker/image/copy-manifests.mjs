// Copies what decides about the dependencies, and nothing else:  node copy-manifests.mjs FROM TO
import { cpSync, globSync } from 'node:fs';
import { join } from 'node:path';

const [from, to] = process.argv.slice(2);
const packages = globSync('{apps,libs,tools}/*/package.json', { cwd: from });
for (const file of [
  'package.json',
  'package-lock.json',
  'certs/package.json',
  'e2e/package.json',
  ...packages,
]) {
  cpSync(join(from, file), join(to, file));
}
