import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sharedCluster } from './cluster-facts';

const EXAMPLES = join(__dirname, '../../examples');

/** An example, served as its README says, for the shared cluster. */
export interface SampleApp {
  readonly port: number;
  stop(): Promise<void>;
}

export function startSampleSpa(): Promise<SampleApp> {
  return start('spa/serve.mjs');
}

export function startSampleWebApp(): Promise<SampleApp> {
  return start('web-app/server.mjs');
}

/** @throws Error when it does not come up */
async function start(program: string): Promise<SampleApp> {
  const { gatewayUrl, certsFolder, caFile, sampleAppsFolder } = sharedCluster();
  const child = spawn(process.execPath, [join(EXAMPLES, program)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      SALLYPORT_ISSUER: gatewayUrl,
      SALLYPORT_CERTS: certsFolder,
      SALLYPORT_HOME: sampleAppsFolder,
      ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }),
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
