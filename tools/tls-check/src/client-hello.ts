import { randomBytes } from 'node:crypto';
import { VERSIONS, type VersionName } from './versions';

export interface ClientHello {
  readonly version: VersionName;
  readonly suites: readonly number[];
  /** Numbers of compression methods; none unless given. */
  readonly compression?: readonly number[];
  readonly serverName?: string;
}

const X25519 = 0x001d;
const GROUPS = [X25519, 0x0017, 0x0018, 0x0019];
const SIGNATURES = [
  0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
];

/** The bytes of a ClientHello in its record (RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2), whatever the version. */
export function encodeClientHello(hello: ClientHello): Buffer {
  const { version, suites, compression = [0] } = hello;
  const isTls13 = version === 'TLS 1.3';
  const legacyVersion = isTls13 ? VERSIONS['TLS 1.2'] : VERSIONS[version];
  const body = Buffer.concat([
    uint16(legacyVersion),
    randomBytes(32),
    vector8(isTls13 ? randomBytes(32) : Buffer.alloc(0)),
    vector16(Buffer.concat(suites.map(uint16))),
    vector8(Buffer.from(compression)),
    version === 'SSL 3.0' ? Buffer.alloc(0) : vector16(extensionsOf(hello)),
  ]);
  const length = Buffer.alloc(3);
  length.writeUIntBE(body.length, 0, 3);
  const handshake = Buffer.concat([Buffer.from([1]), length, body]);
  const recordVersion = version === 'SSL 3.0' ? VERSIONS['SSL 3.0'] : VERSIONS['TLS 1.0'];
  return Buffer.concat([Buffer.from([0x16]), uint16(recordVersion), vector16(handshake)]);
}

function extensionsOf({ version, serverName }: ClientHello): Buffer {
  const name = serverName === undefined ? undefined : Buffer.from(serverName, 'ascii');
  return Buffer.concat([
    ...(name ? [extension(0, vector16(Buffer.concat([Buffer.from([0]), vector16(name)])))] : []),
    extension(10, vector16(Buffer.concat(GROUPS.map(uint16)))),
    extension(11, vector8(Buffer.from([0]))),
    extension(13, vector16(Buffer.concat(SIGNATURES.map(uint16)))),
    // Heartbeat (RFC 6520), "peer may send": a server that knows it says so in return.
    extension(15, Buffer.from([1])),
    ...(version === 'TLS 1.3'
      ? [
          extension(43, vector8(uint16(VERSIONS['TLS 1.3']))),
          extension(51, vector16(Buffer.concat([uint16(X25519), vector16(randomBytes(32))]))),
        ]
      : []),
  ]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([uint16(type), vector16(content)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function vector8(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([content.length]), content]);
}

function vector16(content: Buffer): Buffer {
  return Buffer.concat([uint16(content.length), content]);
}
