import { createRpcClient, ordersV1, RpcError, type RpcTransport } from './index';

const respondWith = (respond: (path: string) => Uint8Array): RpcTransport => ({
  unary: async (path) => respond(path),
  close: () => undefined,
});

describe('createRpcClient', () => {
  const options = { timeoutMs: 1000 };

  it('passes on the error of the transport unchanged', async () => {
    const refusal = new RpcError('PERMISSION_DENIED', 'caller_not_allowed');
    const client = createRpcClient(
      ordersV1.OrdersServiceDefinition,
      respondWith(() => {
        throw refusal;
      }),
    );
    await expect(client.getOrder({ id: 'a' }, options)).rejects.toBe(refusal);
  });

  it('calls the path of the method and decodes its response', async () => {
    const paths: string[] = [];
    const client = createRpcClient(
      ordersV1.OrdersServiceDefinition,
      respondWith((path) => {
        paths.push(path);
        return ordersV1.ListOrdersResponse.encode({ orders: [], nextPageToken: 'next' }).finish();
      }),
    );
    const page = await client.listOrders({ pageSize: 1, pageToken: '' }, options);
    expect(page.nextPageToken).toBe('next');
    expect(paths).toEqual(['/sallyport.orders.v1.OrdersService/ListOrders']);
  });
});
