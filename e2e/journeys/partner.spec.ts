import { randomUUID } from 'node:crypto';
import { FakePartnerCa } from '@sallyport/testing';
import type { FakePartnerCertificate } from '@sallyport/testing';
import { sharedCluster } from '../src/cluster-facts';
import type { PlacedOrder } from '../src/customers';
import { needs } from '../src/needs';
import { runOperatorCommand } from '../src/operator-command';
import { partnerClient, partnerToken } from '../src/partner-client';
import type { PublicClient } from '../src/public-client';

needs('certificates', 'operator-commands', 'partners');

// Each command of an operator is a process.
jest.setTimeout(60_000);

describe('a partner', () => {
  const facts = sharedCluster();
  let ca: FakePartnerCa;
  const clients: PublicClient[] = [];

  beforeAll(async () => {
    ca = await FakePartnerCa.fromDevCa(facts.certsFolder);
  });
  afterAll(() => {
    for (const client of clients) client.close();
  });

  const clientWith = (certificate: FakePartnerCertificate): PublicClient => {
    const client = partnerClient(facts, certificate);
    clients.push(client);
    return client;
  };
  const operate = async (words: readonly string[], input = ''): Promise<void> => {
    const { exitCode, errors } = await runOperatorCommand(facts, ['partners', ...words], input);
    if (exitCode !== 0) throw new Error(errors);
  };

  it('orders with its certificate, and reads with a token that is bound to it', async () => {
    const client = clientWith(await ca.issue());
    const placed = await client.send({
      method: 'POST',
      path: '/orders',
      headers: [['Idempotency-Key', randomUUID()]],
      json: { items: [{ sku: 'keep-key', quantity: 2 }] },
    });
    expect(placed).toMatchObject({ status: 201, json: { status: 'confirmed' } });

    const { id, invoiceId } = placed.json as PlacedOrder;
    const accessToken = await partnerToken(client, 'orders:read billing:read');
    expect(await client.send({ path: `/orders/${id}`, accessToken })).toMatchObject({
      ...{ status: 200, json: { id } },
    });
    const invoice = await client.send({ path: `/invoices/${invoiceId ?? ''}`, accessToken });
    expect(invoice.status).toBe(200);
  });

  it('renews its certificate without a failed request', async () => {
    // Another one for each run against the same cluster.
    const partner = `globex-${randomUUID().slice(0, 8)}`;
    const [before, after] = await Promise.all([
      ca.issue('api.globex.example'),
      ca.issue('api.globex.example'),
    ]);
    await operate(['add', partner, 'Globex', 'orders:read']);
    await operate(['add-certificate', partner, '-'], before.cert);
    const [present, next] = [clientWith(before), clientWith(after)];

    let [running, hasMoved] = [true, false];
    const statuses: number[] = [];
    const load = (async () => {
      let client = present;
      while (running) {
        statuses.push((await client.send({ path: '/orders' })).status);
        if (hasMoved) client = next;
      }
    })();

    await operate(['add-certificate', partner, '-'], after.cert);
    hasMoved = true;
    const token = await partnerToken(next);
    await operate(['retire-certificate', partner, before.thumbprint]);
    expect((await next.send({ path: '/orders', accessToken: token })).status).toBe(200);
    running = false;
    await load;

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await present.send({ path: '/orders' })).status).toBe(401);
  });
});
