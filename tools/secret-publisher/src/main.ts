import { setTimeout as delay } from 'node:timers/promises';
import { parsePublishedFolder } from './published-folder';
import { SecretPublisher } from './secret-publisher';
import { SecretsApi, SERVICE_ACCOUNT_FOLDER } from './secrets-api';

const PAUSE_MS = 2_000;
const REWRITE_MS = 300_000;

/** `node main.js SECRET=/FOLDER …`: runs in a pod, until SIGTERM. */
async function main(): Promise<void> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
  if (host === undefined || port === undefined) throw new Error('this runs in a pod');
  const publisher = new SecretPublisher({
    folders: process.argv.slice(2).map(parsePublishedFolder),
    api: new SecretsApi({
      address: { host, port: Number(port) },
      serviceAccountFolder: SERVICE_ACCOUNT_FOLDER,
    }),
    rewriteMs: REWRITE_MS,
    clock: () => new Date(),
  });
  const ending = new AbortController();
  process.once('SIGTERM', () => {
    ending.abort();
  });
  let told = '';
  while (!ending.signal.aborted) {
    const { written, missing } = await publisher.pass();
    if (written.length > 0) console.log(`published ${written.join(', ')}`);
    const text = missing.join('; ');
    // Once, and not with each pass.
    if (text !== '' && text !== told) console.error(`to be tried again: ${text}`);
    told = text;
    await delay(PAUSE_MS, undefined, { signal: ending.signal }).catch(() => undefined);
  }
}

main().catch((error: unknown) => {
  console.error(`secret-publisher: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
