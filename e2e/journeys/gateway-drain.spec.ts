import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sharedCluster } from '../src/cluster-facts';
import { signUp } from '../src/customers';
import { startGatewayReplica } from '../src/gateway-replica';
import { needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import type { PublicRequest } from '../src/public-client';
import { readinessOf } from '../src/readiness';

needs('gateway-replica', 'logs');

const CLIENTS = 8;

describe('a gateway that is told to end under load', () => {
  const facts = sharedCluster();

  it('is not ready first, fails no request, and ends with 0', async () => {
    const replica = await startGatewayReplica(facts, { DRAIN_DELAY_SECONDS: '1' });
    const clients = Array.from(
      { length: CLIENTS },
      () => new PublicClient(facts, { port: replica.port, connections: 1 }),
    );
    const { accessToken } = await signUp(new PublicClient(facts));
    const answered: number[] = [];
    const failed: unknown[] = [];
    let isInRotation = true;

    /** As clients behind a load balancer, which sends no more once the gateway is not ready. */
    const work = async (client: PublicClient, index: number): Promise<void> => {
      while (isInRotation) {
        const request: PublicRequest =
          index % 2 === 0
            ? { path: '/products' }
            : {
                method: 'POST',
                path: '/orders',
                accessToken,
                headers: [['Idempotency-Key', randomUUID()]],
                json: { items: [{ sku: 'keep-key', quantity: 1 }] },
              };
        await client.send(request).then(
          ({ status }) => answered.push(status),
          (error: unknown) => failed.push(error),
        );
      }
    };
    const working = clients.map(work);
    while (answered.length < 50) await delay(10);

    const ended = replica.end();
    let readiness = await readinessOf(replica);
    while (readiness.status === 200) readiness = await readinessOf(replica);
    expect(readiness.status).toBe(503);
    const beforeNotice = answered.length;
    while (answered.length < beforeNotice + 20) await delay(5);
    isInRotation = false;
    await Promise.all(working);

    expect(await ended).toEqual({ code: 0, signal: null });
    expect(failed).toEqual([]);
    expect(new Set(answered)).toEqual(new Set([200, 201]));
    const late = new PublicClient(facts, { port: replica.port });
    await expect(late.send({ path: '/products' })).rejects.toThrow('ECONNREFUSED');
    for (const client of clients) client.close();
  });
});
