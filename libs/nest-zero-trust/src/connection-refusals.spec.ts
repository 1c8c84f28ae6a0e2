import { connect as connectTcp, type Socket } from 'node:net';
import { RPC_STATUS } from '@sallyport/contracts';
import { FakeCa, type FakeLeaf } from '@sallyport/testing';
import { TrustBundle, type SvidPem } from '@sallyport/workload-identity';
import { RunningProbe } from './probe-service.fixture';
import { RawClient } from './raw-client.fixture';

const OPEN = '/sallyport.test.v1.ProbeService/Open';

describe('a connection to a service', () => {
  let ca: FakeCa;
  let otherCa: FakeCa;
  let probe: RunningProbe;
  let client: RawClient;
  let valid: SvidPem;

  beforeAll(async () => {
    [ca, otherCa] = await Promise.all([FakeCa.create(), FakeCa.create()]);
    probe = await RunningProbe.start(ca);
    client = new RawClient(probe.port, ca.bundlePem);
    valid = await ca.leaf('orders-service').issue();
  });
  afterAll(() => probe.stop());
  beforeEach(() => probe.traces.clear());

  const validTwinPasses = async (): Promise<void> => {
    const session = client.session(valid);
    await expect(session.call(OPEN)).resolves.toMatchObject({ status: 0 });
    session.close();
  };

  const soon = async (assertion: () => void): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        assertion();
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };

  const expectOneRefusal = async (reason: string): Promise<void> => {
    await soon(() => expect(probe.traces.events.refusals).toEqual([reason]));
    expect(probe.traces.events.all).toEqual([
      expect.objectContaining({
        type: 'transport',
        clientAddress: '127.0.0.1',
        clientPort: expect.any(Number),
      }),
    ]);
    expect(probe.traces.handled).toEqual([]);
  };

  interface Handshake {
    readonly refusal: string;
    readonly reason: string;
    readonly identity: () => Promise<Partial<SvidPem>>;
  }

  const handshakes: readonly Handshake[] = [
    {
      refusal: 'no certificate',
      reason: 'tls_certificate_missing',
      identity: () => Promise.resolve({}),
    },
    {
      refusal: 'a self-signed certificate',
      reason: 'tls_certificate_untrusted',
      identity: () => ca.leaf('orders-service').selfSigned().issue(),
    },
    {
      refusal: 'a certificate of another CA',
      reason: 'tls_certificate_untrusted',
      identity: () => otherCa.leaf('orders-service').issue(),
    },
    {
      refusal: 'an expired certificate',
      reason: 'tls_certificate_expired',
      identity: () => ca.leaf('orders-service').expired().issue(),
    },
    {
      refusal: 'a certificate that is not yet valid',
      reason: 'tls_certificate_not_yet_valid',
      identity: () => ca.leaf('orders-service').notYetValid().issue(),
    },
    {
      refusal: 'a certificate for servers only',
      reason: 'tls_certificate_purpose',
      identity: () => ca.leaf('orders-service').onlyServerAuth().issue(),
    },
  ];

  it.each(handshakes)('is refused in the handshake with $refusal', async (row) => {
    const session = client.session(await row.identity());
    await expect(session.call(OPEN)).resolves.toEqual({ status: undefined, message: undefined });
    await expectOneRefusal(row.reason);

    probe.traces.clear();
    await validTwinPasses();
    expect(probe.traces.events.all).toEqual([]);
    expect(probe.traces.handled).toHaveLength(1);
  });

  const otherProtocols = [
    ['TLS 1.2', 'tls_version_refused', { maxVersion: 'TLSv1.2' }],
    ['HTTP/1.1', 'tls_protocol_refused', { ALPNProtocols: ['http/1.1'] }],
    ['no application protocol', 'tls_protocol_refused', { ALPNProtocols: [] }],
  ] as const;

  it.each(otherProtocols)('is refused over %s', async (_name, reason, options) => {
    const { ALPNProtocols, ...rest } = { ALPNProtocols: ['h2'], ...options };
    await closed(client.tls(valid, { ALPNProtocols: [...ALPNProtocols], ...rest }));
    await expectOneRefusal(reason);
    await validTwinPasses();
  });

  it.each([
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/1.1', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('is refused in clear, speaking %s', async (_name, bytes) => {
    const socket = connectTcp(probe.port, '127.0.0.1', () => socket.write(bytes));
    await closed(socket);
    await expectOneRefusal('tls_not_tls');
    await validTwinPasses();
  });

  it('is worth nothing from the moment that its root is trusted no more', async () => {
    const before = probe.source.current();
    const [stolen, idle] = [client.session(valid), client.session(valid)];
    await expect(stolen.call(OPEN)).resolves.toMatchObject({ status: 0 });
    await idle.connected;

    const both = TrustBundle.parse(ca.bundlePem + otherCa.bundlePem);
    const renewed = await otherCa.issueSvid('billing-service');
    probe.source.replace({ svid: renewed, bundle: both });
    await expect(stolen.call(OPEN)).resolves.toMatchObject({ status: 0 });

    probe.source.replace({ svid: renewed, bundle: otherCa.bundle() });
    probe.traces.clear();
    // On the other one nothing has been called so far.
    for (const session of [stolen, stolen, idle]) {
      await expect(session.call(OPEN)).resolves.toMatchObject({
        status: RPC_STATUS.UNAUTHENTICATED,
        message: 'svid_chain_untrusted',
      });
    }
    expect(probe.traces.events.refusals).toEqual(Array(3).fill('svid_chain_untrusted'));
    expect(probe.traces.handled).toEqual([]);
    stolen.close();
    idle.close();

    const successor = new RawClient(probe.port, otherCa.bundlePem);
    const session = successor.session(await otherCa.leaf('orders-service').issue());
    await expect(session.call(OPEN)).resolves.toMatchObject({ status: 0 });
    session.close();
    probe.source.replace(before);
  });

  it('leaves no security event when it ends before its first byte', async () => {
    const socket = connectTcp(probe.port, '127.0.0.1', () => socket.end());
    await closed(socket);
    await validTwinPasses();
    expect(probe.traces.events.all).toEqual([]);
  });

  const leaves: readonly (readonly [string, (leaf: FakeLeaf) => FakeLeaf])[] = [
    ['svid_uri_san_multiple', (leaf) => leaf.twoUriSans()],
    ['svid_uri_san_missing', (leaf) => leaf.noUriSan()],
    ['svid_spiffe_id_invalid', (leaf) => leaf.notASpiffeId()],
    ['svid_is_ca', (leaf) => leaf.isCa()],
    ['svid_ext_key_usage', (leaf) => leaf.onlyClientAuth()],
    ['svid_key_usage', (leaf) => leaf.withoutKeyUsage()],
    ['svid_path_missing', (leaf) => leaf.rootPath()],
    ['trust_domain_foreign', (leaf) => leaf.otherTrustDomain()],
  ];

  describe.each(leaves)('whose certificate is refused as %s', (reason, breakIt) => {
    it.each([OPEN, '/sallyport.test.v1.ProbeService/Unknown', '/nothing'])(
      'reaches no handler by calling %s',
      async (path) => {
        const session = client.session(await breakIt(ca.leaf('orders-service')).issue());
        const { UNAUTHENTICATED: status } = RPC_STATUS;
        await expect(session.call(path)).resolves.toEqual({ status, message: reason });
        expect(probe.traces.events.all).toEqual([
          expect.objectContaining({ type: 'authentication', reason, caller: undefined }),
        ]);
        expect(probe.traces.handled).toEqual([]);
        await validTwinPasses();
        session.close();
      },
    );
  });

  it('is worth nothing once its certificate has expired', async () => {
    const session = client.session(valid);
    await expect(session.call(OPEN)).resolves.toMatchObject({ status: 0 });
    probe.traces.clear();
    probe.clock.advance({ seconds: 3601 });
    await expect(session.call(OPEN)).resolves.toEqual({
      status: RPC_STATUS.UNAUTHENTICATED,
      message: 'svid_expired',
    });
    expect(probe.traces.events.refusals).toEqual(['svid_expired']);
    expect(probe.traces.handled).toEqual([]);
    probe.clock.advance({ seconds: -3601 });
    session.close();
  });

  it('cannot send one identity header twice', async () => {
    const session = client.session(await ca.leaf('gateway').issue());
    const personal = '/sallyport.test.v1.ProbeService/Personal';
    const identity = { 'x-user-id': 'alice', 'x-principal-type': 'user' };
    await expect(
      session.call(personal, { ...identity, 'x-user-id': ['alice', 'mallory'] }),
    ).resolves.toMatchObject({ message: 'identity_header_duplicated' });
    expect(probe.traces.events.refusals).toEqual(['identity_header_duplicated']);
    await expect(session.call(personal, identity)).resolves.toMatchObject({ status: 0 });
    session.close();
  });

  it.each(['x-user-id-bin', 'x_user_id-bin', 'txn-token-bin', 'txn_token', 'X-User-Id'])(
    'cannot send %s from another workload than the gateway, even to an unknown method',
    async (name) => {
      const session = client.session(valid);
      for (const path of [OPEN, '/nothing']) {
        probe.traces.clear();
        await expect(session.call(path, { [name]: 'bWFsbG9yeQ==' })).resolves.toEqual({
          status: RPC_STATUS.PERMISSION_DENIED,
          message: 'identity_headers_untrusted',
        });
        expect(probe.traces.events.refusals).toEqual(['identity_headers_untrusted']);
        expect(probe.traces.handled).toEqual([]);
      }
      session.close();
    },
  );

  it('is told that a method does not exist', async () => {
    const session = client.session(valid);
    await expect(session.call('/nothing')).resolves.toEqual({
      status: RPC_STATUS.UNIMPLEMENTED,
      message: 'method_unknown',
    });
    session.close();
  });
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
  });
}
