import { auditedDatabases } from './audit/audited-databases';
import { parseExpectedHeads, UsageError } from './audit/expected-heads';
import { lineFor, verifyService } from './audit/verify-service';
import { runCommand } from './cli/run-command';

/** `npm run audit:verify`: the chain of every service, one line each; 1 unless all are sound. */
async function auditVerify(): Promise<number> {
  const expected = parseExpectedHeads(process.argv.slice(2));
  const databases = await auditedDatabases(process.env);
  let areSound = true;
  for (const [service, url] of databases) {
    const { isSound, line } = await verifyService(service, url, expected.get(service));
    console.log(line);
    areSound &&= isSound;
  }
  for (const service of expected.keys()) {
    if (databases.has(service)) continue;
    console.log(lineFor(service, 'NOT VERIFIED  its database is not named'));
    areSound = false;
  }
  return areSound ? 0 : 1;
}

void runCommand(async () => {
  try {
    return await auditVerify();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 2;
  }
});
