import { runCommand } from './commands/run-command';

void runCommand({
  environment: process.env,
  arguments: process.argv.slice(2),
  input: process.stdin,
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
}).then((exitCode) => {
  process.exitCode = exitCode;
});
