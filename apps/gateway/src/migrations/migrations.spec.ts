import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOfMigrations } from '@sallyport/persistence';
import { migrations } from '.';

/** From before there was a version beside which a migration had to be safe. Nothing is added here. */
const GRANDFATHERED = ['0001-security-events', '0002-own-events'];

const changelog = readFileSync(join(__dirname, '../../../../CHANGELOG.md'), 'utf8');
const releases = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(
  ([, version]) => version ?? '',
);

it('are safe beside the version that runs', async () => {
  const grandfathered = GRANDFATHERED;
  expect(await faultsOfMigrations(migrations, { grandfathered, releases })).toEqual([]);
});
