import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { LISTENERS, LISTENER_NAMES } from './listeners';
import { freePorts, portsFrom, requirePorts, standardPorts } from './ports';

describe('requirePorts', () => {
  let taken: Server;
  let takenPort: number;

  beforeEach(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    takenPort = (taken.address() as AddressInfo).port;
  });

  afterEach(async () => {
    await new Promise((resolve) => taken.close(resolve));
  });

  it.each(LISTENER_NAMES)('refuses a taken port for %s, naming who wants it', async (name) => {
    const ports = { ...(await freePorts()), [name]: takenPort };
    const { service, variable } = LISTENERS[name];

    const refusal: unknown = await requirePorts(ports).catch((cause: unknown) => cause);

    expect(refusal).toMatchObject({ code: 'port_taken' });
    expect(String(refusal)).toContain(`port ${takenPort} is already in use`);
    expect(String(refusal)).toContain(service);
    expect(String(refusal)).toContain(variable);
    expect(String(refusal)).not.toContain('\n');
  });

  it('refuses one port named for two listeners', async () => {
    const ports = await freePorts();

    await expect(requirePorts({ ...ports, orders: ports.billing })).rejects.toMatchObject({
      code: 'port_taken',
    });
  });

  it('accepts free ports, and leaves them free', async () => {
    const ports = await freePorts();

    await expect(requirePorts(ports)).resolves.toBeUndefined();
    await expect(requirePorts(ports)).resolves.toBeUndefined();
  });
});

describe('freePorts', () => {
  it('gives every listener a port of its own', async () => {
    const ports = await freePorts();

    expect(new Set(Object.values(ports)).size).toBe(LISTENER_NAMES.length);
  });
});

describe('standardPorts', () => {
  it('are the ports of the README', () => {
    expect(standardPorts()).toEqual({
      gateway: 8443,
      gatewayPartners: 8444,
      gatewayPlain: 8480,
      gatewayOps: 9101,
      auth: 50051,
      authHttps: 8451,
      authOps: 9102,
      orders: 50052,
      ordersOps: 9103,
      billing: 50053,
      billingOps: 9104,
    });
  });
});

describe('portsFrom', () => {
  it('asks for each listener once', () => {
    const asked: string[] = [];

    portsFrom((name) => asked.push(name));

    expect(asked).toEqual(LISTENER_NAMES);
  });
});
