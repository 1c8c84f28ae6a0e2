import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest';

const REPOSITORY = join(__dirname, '../../../..');

export const OVERLAYS = [
  'local',
  'production',
  'production-ingress',
  'production-spire',
  'production-traced',
] as const;
export type Overlay = (typeof OVERLAYS)[number];

/** What `kubectl kustomize` makes of an overlay. */
export function build(overlay: Overlay): readonly Manifest[] {
  const output = execFileSync('kubectl', ['kustomize', join(REPOSITORY, 'k8s/overlays', overlay)], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  return parseAllDocuments(output).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return document.toJS() as Manifest;
  });
}

/** Components, which the overlays are made of, came with kustomize 4: older ones do not count as there. */
function hasKubectl(): boolean {
  const { stdout } = spawnSync('kubectl', ['version', '--client', '--output=json'], {
    encoding: 'utf8',
  });
  return /"kustomizeVersion":\s*"v[4-9]/.test(stdout || '');
}

const NO_KUBECTL = 'skipped: no kubectl with kustomize 4 or later on the PATH';

/** A suite over built overlays; skipped, and counted as such, where they cannot be built. */
export function describeWithKustomize(name: string, suite: () => void): void {
  if (hasKubectl()) describe(name, suite);
  else describe.skip(`${name} (${NO_KUBECTL})`, suite);
}
