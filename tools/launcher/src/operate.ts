import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readLauncherConfiguration } from './cli/launcher-configuration';
import { runCommand } from './cli/run-command';
import { operatorFileOf } from './cluster/home';
import { readOperatorFile } from './cluster/operator-file';
import { REPOSITORY } from './cluster/repository';

/** `npm run keys`, `accounts`, `clients`, `partners` …: auth-service's own commands, on the cluster that `npm start` runs. */
async function operate(): Promise<number> {
  const { home } = readLauncherConfiguration(process.env);
  const environment = await readOperatorFile(operatorFileOf(home), home);
  const module = join(REPOSITORY, 'apps', 'auth-service', 'dist', 'operate.js');
  const child = spawn(process.execPath, [module, ...process.argv.slice(2)], {
    env: environment,
    stdio: ['inherit', 'inherit', 'pipe'],
  });
  // What was done is on record, beside the logs of the services; the terminal gets what is meant for people.
  const log = createWriteStream(join(home, 'logs', 'operator.log'), { flags: 'a', mode: 0o600 });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('{')) log.write(`${line}\n`);
    else console.error(line);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      log.end(() => {
        resolve(code ?? 1);
      });
    });
  });
}

void runCommand(operate);
