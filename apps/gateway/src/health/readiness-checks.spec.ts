import { RpcError, type RpcTransport } from '@sallyport/contracts';
import { FakeCa, FakeClock } from '@sallyport/testing';
import { readinessChecks } from './readiness-checks';

function answering(error?: RpcError): RpcTransport {
  return {
    unary: () => (error ? Promise.reject(error) : Promise.resolve(new Uint8Array())),
    close: () => undefined,
  };
}

const reachable = answering(new RpcError('UNIMPLEMENTED', 'unimplemented'));
const gone = answering(new RpcError('UNAVAILABLE', 'unavailable'));

async function assess(changes: Partial<Parameters<typeof readinessChecks>[0]> = {}) {
  const clock = new FakeClock(new Date());
  const ca = await FakeCa.create({ clock: clock.now });
  const checks = readinessChecks({
    source: await ca.source('gateway'),
    keySet: { isLoaded: true },
    transports: { auth: reachable, orders: reachable, billing: answering() },
    clock: clock.now,
    ...changes,
  });
  const failed: string[] = [];
  for (const { name, check } of checks) await check().catch(() => failed.push(name));
  return failed;
}

it('waits for the keys of the issuer', async () => {
  expect(await assess({ keySet: { isLoaded: false } })).toEqual(['issuer-keys']);
});

it.each([['auth'], ['orders'], ['billing']])('waits for %s', async (name) => {
  const transports = { auth: reachable, orders: reachable, billing: reachable, [name]: gone };
  expect(await assess({ transports })).toEqual([name]);
});

it('is over with the identity of the workload', async () => {
  const tomorrow = () => new Date(Date.now() + 86_400_000);
  expect(await assess({ clock: tomorrow })).toEqual(['identity']);
});

it('is there when every service answers, with a health method or without', async () => {
  expect(await assess()).toEqual([]);
});
