import { RpcError, type RpcTransport } from '@sallyport/contracts';
import { createRegistry, RpcClientMetrics } from '@sallyport/observability';
import { MeasuredTransport } from './measured-transport';

function setUp(unary: RpcTransport['unary']) {
  const registry = createRegistry({ service: 'gateway' });
  const transport = new MeasuredTransport(
    { unary, close: () => undefined },
    'orders-service',
    new RpcClientMetrics(registry),
  );
  const call = () => transport.unary('/a.Orders/Get', new Uint8Array(), { timeoutMs: 1_000 });
  const counts = async () =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('sallyport_rpc_client_seconds_count'));
  return { call, counts };
}

it('counts a refused call by its status, and passes the error on', async () => {
  const refusal = new RpcError('PERMISSION_DENIED', 'caller_not_allowed');
  const { call, counts } = setUp(() => Promise.reject(refusal));
  await expect(call()).rejects.toBe(refusal);
  expect(await counts()).toEqual([
    'sallyport_rpc_client_seconds_count{service="gateway",target="orders-service",method="a.Orders/Get",status="PERMISSION_DENIED"} 1',
  ]);
});

it('counts what is no error of an rpc as FAILED', async () => {
  const { call, counts } = setUp(() => Promise.reject(new TypeError('a defect')));
  await expect(call()).rejects.toThrow('a defect');
  expect(await counts()).toEqual([expect.stringContaining('status="FAILED"')]);
});

it('counts a call that succeeds as OK, and passes its answer on', async () => {
  const answer = new Uint8Array([1]);
  const { call, counts } = setUp(() => Promise.resolve(answer));
  expect(await call()).toBe(answer);
  expect(await counts()).toEqual([expect.stringContaining('status="OK"')]);
});
