import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { findExecutable, ServerProcess } from '@sallyport/dev-stores';
import { LaunchError, orLaunchError } from '../cluster/launch-error';
import { REPOSITORY } from '../cluster/repository';

const READY = /Server is ready to receive web requests/;
const STOP = [
  ['SIGTERM', 5_000],
  ['SIGKILL', 1_000],
] as const;

/** How often everything is asked, in seconds: a run is short. */
export const SCRAPE_SECONDS = 1;

/** A Prometheus that asks the services of one cluster, with the rules of this repository. */
export interface PrometheusServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the `prometheus` of the search path.
 *
 * @param folder for its configuration and data
 * @param targets `host:port` of each operations port
 * @throws LaunchError `prometheus_unusable`
 */
export async function startPrometheus(
  folder: string,
  targets: readonly string[],
): Promise<PrometheusServer> {
  const file = findExecutable(['prometheus']);
  if (file === undefined) {
    throw new LaunchError(
      'prometheus_unusable',
      'there is no prometheus on the search path: install it (Debian: apt-get install prometheus)',
    );
  }
  const configuration = join(folder, 'prometheus.json');
  await writeFile(configuration, JSON.stringify(configurationOf(targets)));
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const server = await orLaunchError('prometheus_unusable', '', () =>
    ServerProcess.start({
      file,
      arguments: [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(folder, 'prometheus')}`,
        `--web.listen-address=${address}`,
      ],
      user: {},
      workingDirectory: folder,
      ready: READY,
      readyWithinMs: 30_000,
      stop: STOP,
    }),
  );
  return { url: `http://${address}`, stop: () => server.stop() };
}

/** JSON is YAML as well. */
function configurationOf(targets: readonly string[]): object {
  return {
    global: {
      scrape_interval: `${SCRAPE_SECONDS}s`,
      scrape_timeout: `${SCRAPE_SECONDS}s`,
      evaluation_interval: '5s',
    },
    rule_files: [join(REPOSITORY, 'deploy/observability/prometheus/rules/*.yml')],
    scrape_configs: [{ job_name: 'sallyport', static_configs: [{ targets }] }],
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
