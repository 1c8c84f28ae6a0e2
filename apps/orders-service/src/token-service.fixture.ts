import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { internalHttpsOptions } from '@sallyport/nest-zero-trust';
import { TOKEN_EXCHANGE, WorkloadTransactionMinter } from '@sallyport/principal';
import type { FakeCa } from '@sallyport/testing';

/** A transaction token service with the identity of the real one, that gives orders-service whatever it asks for. */
export async function startTokenService(
  ca: FakeCa,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const source = await ca.source('auth-service');
  const minter = new WorkloadTransactionMinter({ source, trustDomain: ca.trustDomain });
  const workload = ca.spiffeId('orders-service');
  const server = createServer(internalHttpsOptions(source), (request, response) => {
    void text(request).then((body) => {
      const form = new URLSearchParams(body);
      const { job } = JSON.parse(form.get('request_context') ?? '') as { job: string };
      const issuedAt = Math.floor(Date.now() / 1000);
      const token = minter.mint({
        ...{ txn: randomUUID(), workload, requestingWorkloads: [workload], job },
        ...{ scopes: new Set(form.get('scope')?.split(' ')), issuedAt, expiresAt: issuedAt + 60 },
      });
      response.setHeader('content-type', 'application/json').end(
        JSON.stringify({
          access_token: token,
          issued_token_type: TOKEN_EXCHANGE.transactionToken,
          token_type: TOKEN_EXCHANGE.tokenType,
        }),
      );
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
