import { once } from 'node:events';
import { connect as connectPlain, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, type SecureVersion } from 'node:tls';
import { FakeCa, RecordedSecurityEvents } from '@sallyport/testing';
import { exchange } from '../gateway.fixture';
import { createPublicServer } from './public-server';
import { publicTlsOptions, renewTicketKeys } from './public-tls';
import { computeSecurityHeaders, type ResponseHeaders } from './security-headers';

const CLEAN = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

const events = new RecordedSecurityEvents();
let ca: FakeCa;
let server: Server;
let port: number;
let headers: ResponseHeaders;
let handled = 0;

async function certificate() {
  const { certificateChainPem, privateKeyPem } = await ca.issueSvid('gateway');
  return { cert: certificateChainPem, key: privateKeyPem };
}

beforeAll(async () => {
  ca = await FakeCa.create();
  headers = await computeSecurityHeaders();
  server = createPublicServer(
    { certificate: await certificate(), headers, events },
    (_request, response) => {
      handled += 1;
      response.end('handled');
    },
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());
beforeEach(() => {
  events.clear();
  handled = 0;
});

describe('bytes that are no acceptable request', () => {
  it.each<[string, string, number, string]>([
    ['are not HTTP', 'nonsense\r\n\r\n', 400, 'request_malformed'],
    ['are HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'request_malformed'],
    [
      'hold a space before the colon',
      'GET / HTTP/1.1\r\nHost : a\r\n\r\n',
      400,
      'request_malformed',
    ],
    [
      'hold a folded header',
      'GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n',
      400,
      'request_malformed',
    ],
    [
      'hold a non-ASCII header name',
      'GET / HTTP/1.1\r\nHost: a\r\nX-Usér-Id: a\r\n\r\n',
      400,
      'request_malformed',
    ],
    [
      'have two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na',
      400,
      'request_malformed',
    ],
    [
      'have a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'request_malformed',
    ],
    [
      'have headers without end',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['name no host', 'GET / HTTP/1.1\r\n\r\n', 400, 'host_not_single'],
    ['name two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'host_not_single'],
    ['have an unknown target', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'path_not_normalised'],
  ])('%s', async (_name, bytes, status, code) => {
    const answer = await exchange(port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('\r\ncontent-type: application/problem+json\r\n');
    expect(answer).toContain(`"code":"${code}"`);
    for (const [name, value] of headers) expect(answer).toContain(`\r\n${name}: ${value}\r\n`);
    expect(events.all).toMatchObject([{ type: 'request', outcome: 'refused', reason: code }]);
    expect(handled).toBe(0);
  });

  it('expect what is not offered', async () => {
    const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 417 [^]*strict-transport-security: max-age=31536000/);
    expect(handled).toBe(0);
  });

  it('are refused before their body is, and leave one event', async () => {
    const bytes = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n';
    expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 400 [^]*"code":"framing_ambiguous"/);
    expect(events.refusals).toEqual(['framing_ambiguous']);
  });

  it('follow a refused request, and are not looked at', async () => {
    const requests = 'GET //a HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(await exchange(port, requests)).not.toContain('handled');
    expect(events.refusals).toEqual(['path_not_normalised']);
  });
});

it('a client that resets its tunnel ends nothing but that', async () => {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const raw = connectPlain(port, '127.0.0.1');
    const socket = connect({ socket: raw, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write('CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n');
    setImmediate(() => raw.resetAndDestroy());
    await once(raw, 'close');
  }
  await pause(50);
  expect(await exchange(port, CLEAN)).toContain('handled');
});

describe('the transport', () => {
  it.each<[string, SecureVersion]>([
    ['TLS 1.0', 'TLSv1'],
    ['TLS 1.1', 'TLSv1.1'],
  ])('refuses %s', async (_name, version) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT:@SECLEVEL=0',
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL_/);
  });

  it('refuses a cipher suite without forward secrecy', async () => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
      ciphers: 'AES128-GCM-SHA256:AES128-SHA',
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toMatch(/^ERR_SSL_/);
  });

  it('answers nothing in clear', async () => {
    const socket = connectPlain(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(await text(socket).catch(() => '')).not.toContain('HTTP/');
  });

  it.each<[SecureVersion]>([['TLSv1.2'], ['TLSv1.3']])('speaks %s', async (version) => {
    const options = {
      port,
      host: '127.0.0.1',
      ca: ca.bundlePem,
      checkServerIdentity: () => undefined,
    };
    const socket = connect({ ...options, minVersion: version, maxVersion: version });
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe(version);
    socket.destroy();
  });

  it('does not renegotiate', async () => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    await once(socket, 'secureConnect');
    const refusal = once(socket, 'error') as Promise<[NodeJS.ErrnoException]>;
    socket.renegotiate({ rejectUnauthorized: false }, () => undefined);
    expect((await refusal)[0].code).toBe('ERR_SSL_NO_RENEGOTIATION');
  });

  it('speaks HTTP/1.1, and to nobody who speaks only something else', async () => {
    const options = { port, host: '127.0.0.1', rejectUnauthorized: false };
    const socket = connect({ ...options, ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    expect(socket.alpnProtocol).toBe('http/1.1');
    socket.destroy();
    const refused = connect({ ...options, ALPNProtocols: ['h2'] });
    await expect(once(refused, 'secureConnect')).rejects.toThrow('no application protocol');
  });

  it('replaces its ticket keys every hour', () => {
    jest.useFakeTimers();
    try {
      const resumed = createServer(publicTlsOptions({ cert: '', key: '' }));
      const keys: string[] = [];
      resumed.setTicketKeys = (key) => {
        keys.push(key.toString('hex'));
        return resumed;
      };
      renewTicketKeys(resumed);
      jest.advanceTimersByTime(2 * 3_600_000);
      resumed.emit('close');
      jest.advanceTimersByTime(3_600_000);
      expect(new Set(keys).size).toBe(2);
      expect(keys.map(({ length }) => length)).toEqual([96, 96]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('uses a replaced certificate for the next connection', async () => {
    const replacement = await certificate();
    server.setSecureContext(publicTlsOptions(replacement));
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    expect(replacement.cert).toContain(pemBody(socket.getPeerX509Certificate()?.toString()));
    socket.destroy();
  });
});

it('hands on a clean request with every security header set', async () => {
  const answer = await exchange(port, CLEAN);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\n.*handled/);
  for (const [name, value] of headers) expect(answer).toContain(`\r\n${name}: ${value}\r\n`);
  expect(events.all).toEqual([]);
});

function pemBody(pem = 'none'): string {
  return pem.replace(/-----[^-]+-----|\s/g, '').slice(0, 60);
}
