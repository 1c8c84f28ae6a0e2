import 'reflect-metadata';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  connect,
  createServer,
  type ConnectionOptions,
  type Server,
  type TLSSocket,
} from 'node:tls';
import * as x509 from '@peculiar/x509';
import { authorizeId, authorizeMemberOf } from './authorizer';
import {
  GATEWAY,
  hoursFromNow,
  mintAuthority,
  mintContext,
  mintLeaf,
  ORDERS,
  uriNames,
  type Minted,
  type MintOptions,
} from './certificate.fixture';
import { SpiffeId } from './spiffe-id';
import type { WorkloadContext } from './svid.source';
import {
  mutualTlsClientOptions,
  mutualTlsServerOptions,
  serverIdentityCheck,
  spiffeIdOfPeer,
} from './tls-options';

const orders = SpiffeId.parse(ORDERS);

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error && 'code' in error ? String(error.code) : undefined;

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** What the server says after its own checks; rejects when either side refuses. */
async function greeting(server: Server, options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: portOf(server), ...options });
  try {
    let heard = '';
    for await (const chunk of socket) heard += String(chunk);
    if (heard === '') throw new Error('the server hung up');
    return heard;
  } finally {
    socket.destroy();
  }
}

describe('mutual TLS', () => {
  let root: Minted;
  let server: Server;
  let client: WorkloadContext;
  let refusals: (string | undefined)[];
  let connections: Socket[];

  beforeEach(async () => {
    root = await mintAuthority();
    client = await mintContext(GATEWAY, root);
    refusals = [];
    connections = [];
    server = createServer(
      mutualTlsServerOptions(await mintContext(ORDERS, root)),
      (socket: TLSSocket) => {
        socket.on('error', () => undefined);
        try {
          socket.end(`hello ${spiffeIdOfPeer(socket).toString()}`);
        } catch (error) {
          refusals.push(codeOf(error));
          socket.destroy();
        }
      },
    );
    // Node closes the connection of a client it does not trust without an alert, and notes why.
    server.on(
      'tlsClientError',
      (error, socket: { readonly authorizationError?: string | Error }) => {
        refusals.push(String(socket.authorizationError ?? codeOf(error)));
      },
    );
    server.on('connection', (connection) => connections.push(connection));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    const closed = new Promise((done) => server.close(done));
    connections.forEach((connection) => connection.destroy());
    await closed;
  });

  const asClient = (): ConnectionOptions => mutualTlsClientOptions(client, authorizeId(orders));
  const withLeaf = async (options: MintOptions, issuer = root): Promise<ConnectionOptions> => {
    const leaf = await mintLeaf(GATEWAY, issuer, options);
    return { ...asClient(), cert: leaf.pem, key: leaf.keyPem };
  };

  describe('a server', () => {
    const clients: Record<string, [reason: string, build: () => Promise<ConnectionOptions>]> = {
      'no certificate': [
        'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
        async () => {
          const { ca, checkServerIdentity } = mutualTlsClientOptions(client, authorizeId(orders));
          return { ca, checkServerIdentity };
        },
      ],
      'a self-signed certificate': [
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        async () => {
          const own = await mintLeaf(GATEWAY);
          return { ...asClient(), cert: own.pem, key: own.keyPem };
        },
      ],
      'the certificate of another authority': [
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        async () => withLeaf({}, await mintAuthority()),
      ],
      'an expired certificate': [
        'CERT_HAS_EXPIRED',
        () => withLeaf({ notAfter: hoursFromNow(-0.5) }),
      ],
      'a certificate that is not yet valid': [
        'CERT_NOT_YET_VALID',
        () => withLeaf({ notBefore: hoursFromNow(0.5) }),
      ],
      'an authority certificate': [
        'INVALID_PURPOSE',
        async () => ({ ...asClient(), cert: root.pem, key: root.keyPem }),
      ],
      'an authority certificate that may also authenticate': [
        'svid_is_ca',
        async () => {
          const { digitalSignature, keyCertSign } = x509.KeyUsageFlags;
          const keyUsage = new x509.KeyUsagesExtension(digitalSignature | keyCertSign, true);
          const both = await mintAuthority(root, { parts: { keyUsage } });
          return { ...asClient(), cert: both.pem, key: both.keyPem };
        },
      ],
      'two URI SANs': [
        'svid_uri_san_multiple',
        () => withLeaf({ parts: { names: uriNames(GATEWAY, ORDERS) } }),
      ],
      'TLS 1.2': [
        'ERR_SSL_UNSUPPORTED_PROTOCOL',
        async () => ({ ...asClient(), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }),
      ],
    };

    it.each(Object.entries(clients))('refuses a client with %s', async (_case, [reason, build]) => {
      await expect(greeting(server, await build())).rejects.toThrow();
      expect(refusals).toEqual([reason]);
    });
  });

  describe('a client', () => {
    const connectionTo = (context: WorkloadContext, authorizer = authorizeId(orders)) =>
      greeting(server, mutualTlsClientOptions(context, authorizer));

    it('refuses a valid server with another SPIFFE ID than expected', async () => {
      await expect(
        connectionTo(client, authorizeId(SpiffeId.parse(`${ORDERS}-2`))),
      ).rejects.toMatchObject({ code: 'svid_peer_unexpected' });
    });

    it('refuses a server of another authority, whatever its SPIFFE ID', async () => {
      const other = await mintContext(GATEWAY, await mintAuthority());
      await expect(
        connectionTo(other, authorizeMemberOf(orders.trustDomain)),
      ).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED|UNABLE_TO/) });
    });

    it('refuses a server whose leaf does not have the profile', async () => {
      const names = uriNames(ORDERS, GATEWAY);
      const leaf = await mintLeaf(ORDERS, root, { parts: { names } });
      server.setSecureContext({
        ...mutualTlsServerOptions(client),
        cert: leaf.pem,
        key: leaf.keyPem,
      });
      await expect(connectionTo(client)).rejects.toMatchObject({ code: 'svid_uri_san_multiple' });
    });
  });

  it.each([undefined, null, {}, { svid: {}, bundle: {} }])(
    'refuses to build options from %j',
    (context) => {
      const missing = context as unknown as WorkloadContext;
      expect(() => mutualTlsServerOptions(missing)).toThrow(TypeError);
      expect(() => mutualTlsClientOptions(missing, () => true)).toThrow(TypeError);
    },
  );

  it('refuses to build a check without an authorizer', () => {
    expect(() => serverIdentityCheck(undefined as never)).toThrow(TypeError);
  });

  it('resumes no session, so that every connection shows its certificate', async () => {
    const sessions: Buffer[] = [];
    const first = connect({ host: '127.0.0.1', port: portOf(server), ...asClient() });
    first.on('session', (session) => sessions.push(session));
    first.resume();
    await once(first, 'end');

    const [session] = sessions;
    const port = portOf(server);
    const again = connect({ host: '127.0.0.1', port, ...asClient(), ...(session && { session }) });
    await once(again, 'secureConnect');
    expect(again.isSessionReused()).toBe(false);
    again.destroy();
  });

  it('shakes hands with both certificates, over TLS 1.3', async () => {
    const socket = connect({ host: '127.0.0.1', port: portOf(server), ...asClient() });
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe('TLSv1.3');
    expect(socket.authorized).toBe(true);
    expect(spiffeIdOfPeer(socket).equals(orders)).toBe(true);
    socket.resume();
    await once(socket, 'end');
    expect(await greeting(server, asClient())).toBe(`hello ${GATEWAY}`);
    expect(refusals).toEqual([]);
  });

  it('lets a running server present a new leaf to new connections', async () => {
    const before = connect({ host: '127.0.0.1', port: portOf(server), ...asClient() });
    await once(before, 'secureConnect');
    const renewed = await mintContext(ORDERS, root);
    server.setSecureContext(mutualTlsServerOptions(renewed));
    const after = connect({ host: '127.0.0.1', port: portOf(server), ...asClient() });
    await once(after, 'secureConnect');

    const presented = after.getPeerX509Certificate()?.raw;
    expect(presented?.equals(renewed.svid.chain[0] ?? Buffer.alloc(0))).toBe(true);
    expect(before.getPeerX509Certificate()?.raw.equals(presented ?? Buffer.alloc(0))).toBe(false);
    before.destroy();
    after.destroy();
  });
});
