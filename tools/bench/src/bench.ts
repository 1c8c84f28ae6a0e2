/**
 * `npm run bench`: an authenticated `GET /orders/{id}` through the gateway beside the bare server of
 * bare-gateway.ts, on one cluster, in alternating rounds, so that a drift of the machine's speed
 * touches both. The ratio of a pair of rounds is the figure to compare between machines.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCluster } from '@sallyport/launcher';
import type { Cluster } from '@sallyport/launcher';
import { startBareGateway } from './bare-process';
import { placeOrder, signUp } from './client';
import { runLoad } from './load-process';
import type { LoadResult } from './load';
import { reportRounds } from './report';
import type { Round } from './report';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 4;
const ROUND_SECONDS = 6;
const ROUNDS = 5;

const measure = async (cluster: Cluster): Promise<void> => {
  const accessToken = await signUp(cluster);
  const orderId = await placeOrder(cluster, accessToken);
  const bare = await startBareGateway(cluster);
  try {
    const load = (origin: string, seconds: number): Promise<LoadResult> =>
      runLoad({
        url: `${origin}/orders/${orderId}`,
        caFile: cluster.caFile,
        accessToken,
        connections: CONNECTIONS,
        seconds,
      });
    console.log(`warming up: ${String(WARM_UP_SECONDS)} s each`);
    await load(cluster.gatewayUrl, WARM_UP_SECONDS);
    await load(bare.origin, WARM_UP_SECONDS);
    const rounds: Round[] = [];
    for (let number = 1; number <= ROUNDS; number += 1) {
      rounds.push({
        gateway: await load(cluster.gatewayUrl, ROUND_SECONDS),
        bare: await load(bare.origin, ROUND_SECONDS),
      });
      console.log(`round ${String(number)} of ${String(ROUNDS)} done`);
    }
    console.log(
      `\nGET /orders/{id}, ${String(CONNECTIONS)} connections, ${String(ROUNDS)} rounds of ` +
        `${String(ROUND_SECONDS)} s each, Node ${process.version}, ${String(cpus().length)} cores\n`,
    );
    console.log(reportRounds(rounds));
    if (rounds.some((round) => round.gateway.failed + round.bare.failed > 0)) {
      throw new Error('some requests failed; the figures are not comparable');
    }
  } finally {
    await bare.stop();
  }
};

const main = async (): Promise<void> => {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
  try {
    const cluster = await startCluster({
      home,
      ports: 'free',
      onProgress: (line: string) => {
        console.log(line);
      },
    });
    try {
      await measure(cluster);
    } finally {
      await cluster.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
