import { runMigrationCommand } from '@sallyport/persistence';
import { migrations } from './migrations';

void runMigrationCommand({
  service: 'billing-service',
  migrations,
  environment: process.env,
  arguments: process.argv.slice(2),
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
}).then((exitCode) => {
  process.exitCode = exitCode;
});
