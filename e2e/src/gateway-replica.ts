import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { ClusterFacts } from './cluster-facts';
import { eventually } from './eventually';
import { readinessOf } from './readiness';

const MAIN = join(__dirname, '..', '..', 'apps', 'gateway', 'dist', 'main.js');

/** Another gateway in front of the same services, for the same public URL. */
export interface GatewayReplica {
  /** Of its public listener on 127.0.0.1. */
  readonly port: number;
  /** Of its listener for partners. */
  readonly partnerPort: number;
  /** Base URL of its operations listener. */
  readonly opsUrl: string;
  /** Tells it to end; resolves with how it did. */
  end(): Promise<{ readonly code: unknown; readonly signal: unknown }>;
  stop(): Promise<void>;
}

/** Starts a gateway beside that of the cluster; resolves once it is ready. */
export async function startGatewayReplica(
  { gatewayEnvironment, logFiles }: Pick<ClusterFacts, 'gatewayEnvironment' | 'logFiles'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<GatewayReplica> {
  const [port, partnerPort, opsPort] = [await freePort(), await freePort(), await freePort()];
  const log = openSync(join(dirname(logFiles.gateway), 'gateway-replica.log'), 'a', 0o600);
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...gatewayEnvironment,
      PUBLIC_LISTEN: `127.0.0.1:${port}`,
      PLAIN_LISTEN: '',
      PARTNER_LISTEN: `127.0.0.1:${partnerPort}`,
      OPS_LISTEN: `127.0.0.1:${opsPort}`,
      ...settings,
    },
    // The end of the channel tells it that this process is gone.
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const ended = once(child, 'exit');
  const opsUrl = `http://127.0.0.1:${opsPort}`;
  const ask = () => readinessOf({ opsUrl }).catch(() => undefined);
  const ready = await eventually(ask, (answer) => answer?.status === 200);
  const end = async () => {
    child.kill('SIGTERM');
    const [code, signal] = (await ended) as [unknown, unknown];
    return { code, signal };
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await end();
  };
  if (ready?.status === 200) return { port, partnerPort, opsUrl, end, stop };
  await stop();
  throw new Error(`the second gateway was not ready: ${JSON.stringify(ready)}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
