import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsOfMigrations } from '@sallyport/persistence';
import { migrations } from '.';

/** From before there was a version beside which a migration had to be safe. Nothing is added here. */
const GRANDFATHERED = [
  '0001-accounts',
  '0002-sessions',
  '0003-signing-keys',
  '0004-session-ends',
  '0005-signing-key-lifecycle',
  '0006-certificate-revocations',
  '0007-api-keys',
  '0008-partners',
  '0009-security-events',
  '0010-oauth',
  '0012-oauth-consents',
  '0014-logout-notices',
  '0015-password-resets',
  '0016-mails',
  '0017-second-factors',
  '0019-passkeys',
  '0020-sms',
  '0021-trusted-devices',
  '0022-account-security',
  '0023-registrations',
  '0024-passkeys-after-a-compromise',
];

const changelog = readFileSync(join(__dirname, '../../../../CHANGELOG.md'), 'utf8');
const releases = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(
  ([, version]) => version ?? '',
);

it('are safe beside the version that runs', async () => {
  const grandfathered = GRANDFATHERED;
  expect(await faultsOfMigrations(migrations, { grandfathered, releases })).toEqual([]);
});
