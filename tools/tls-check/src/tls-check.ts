import { checkTls } from './check-tls';
import { report } from './report';

const USAGE = 'usage: npm run check:tls [-- host:port]; localhost:8443 unless given';

async function main([address = 'localhost:8443']: readonly string[]): Promise<void> {
  const match = /^([\w.-]+):(\d{1,5})$/.exec(address);
  if (match === null) throw new Error(USAGE);
  const [, host = '', port] = match;
  const findings = await checkTls({ host, port: Number(port), serverName: host });
  process.stdout.write(`${report(findings)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
