import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sharedCluster } from './cluster-facts';

const PROGRAM = join(__dirname, '../../examples/spa/serve.mjs');

/** The sample single-page app, served as its README says, for the shared cluster. */
export interface SampleSpa {
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws Error when it does not come up */
export async function startSampleSpa(): Promise<SampleSpa> {
  const { gatewayUrl, certsFolder } = sharedCluster();
  const child = spawn(process.execPath, [PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      SALLYPORT_ISSUER: gatewayUrl,
      SALLYPORT_CERTS: certsFolder,
    },
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, 'line'), exited]);
  const port = Number(/:(\d+)\/$/.exec(String(first[0]))?.[1]);
  if (!Number.isInteger(port)) throw new Error(`the sample app did not start: ${String(first[0])}`);
  return {
    port,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
