import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './cli/run-command';
import { readServiceSettings } from './cli/service-settings';
import { LOCAL_ACCOUNTS } from './cluster/accounts';
import { LOCAL_CLIENTS } from './cluster/clients';
import { openHome } from './cluster/home';
import { writePrivateFile } from './cluster/operator-file';
import { LOCAL_PARTNERS } from './cluster/partners';
import { REPOSITORY } from './cluster/repository';
import { openSecrets } from './cluster/secrets';
import { shownPath } from './cluster/shown-path';
import { describeComposeCluster } from './compose/describe';
import { DockerCompose } from './compose/docker-compose';
import { composeOverride } from './compose/override';

const USAGE = 'usage: npm run compose:under-test -- FOLDER';

/**
 * `npm run compose:under-test -- FOLDER`: starts the compose cluster as the suites want it, with the settings of
 * e2e/cluster-settings.json and the seeds of `npm start`, and writes its cluster file into the folder, which is nobody else's.
 */
async function composeUnderTest(): Promise<number> {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) {
    console.error(USAGE);
    return 2;
  }
  const home = await openHome(folder);
  await chmod(home.root, 0o700);
  const { accounts } = await openSecrets(home, {
    databaseRoles: [],
    accounts: LOCAL_ACCOUNTS,
    partners: LOCAL_PARTNERS,
    clients: LOCAL_CLIENTS,
  });
  // The container's user is another one; nobody else gets past the folder.
  const seeds = [home.seedAccountsFile, home.seedPartnersFile, home.seedClientsFile];
  for (const file of seeds) await chmod(file, 0o644);
  const settings = readServiceSettings(join(REPOSITORY, 'e2e', 'cluster-settings.json'));
  const override = join(home.root, 'compose.json');
  await writePrivateFile(override, composeOverride(settings, home));
  const compose = new DockerCompose(override);
  await compose.show('up', '--wait');
  await writePrivateFile(home.clusterFile, await describeComposeCluster(compose, home, accounts));
  console.log(`npm run e2e -- --cluster ${shownPath(home.clusterFile)}`);
  return 0;
}

void runCommand(composeUnderTest);
