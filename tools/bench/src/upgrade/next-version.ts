import { appendFileSync, cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

export const SERVICES = ['billing-service', 'orders-service', 'auth-service', 'gateway'] as const;
export type Service = (typeof SERVICES)[number];

/** The checkout this runs in. */
export const REPOSITORY = join(__dirname, '../../../..');

/**
 * Makes the next version of the services: what is built in this checkout, with more migrations. They are appended to the
 * compiled list, so that all else, `migrate.js` included, is what a deployment runs.
 */
export function makeNextVersion(folder: string): string {
  for (const service of SERVICES) {
    const [from, to] = [join(REPOSITORY, 'apps', service), join(folder, 'apps', service)];
    mkdirSync(to, { recursive: true });
    cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true });
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
    link(join(from, 'node_modules'), join(to, 'node_modules'));
    const added = JSON.stringify(join(__dirname, 'next-migrations.js'));
    appendFileSync(
      join(to, 'dist', 'migrations', 'index.js'),
      `\nObject.assign(exports.migrations, require(${added}).nextMigrations[${JSON.stringify(service)}]);\n`,
    );
  }
  link(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

function link(target: string, path: string): void {
  if (existsSync(target)) symlinkSync(target, path);
}
