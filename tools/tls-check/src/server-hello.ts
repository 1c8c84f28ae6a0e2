/** How a server answered a ClientHello. */
export type HelloAnswer =
  | {
      readonly outcome: 'accepted';
      readonly version: number;
      readonly suite: number;
      readonly compression: number;
      readonly extensions: readonly number[];
    }
  | { readonly outcome: 'refused'; readonly alert: number | undefined };

const ALERT_RECORD = 21;
const HANDSHAKE_RECORD = 22;
const SERVER_HELLO = 2;
const SUPPORTED_VERSIONS = 43;

/** Reads the first record of a server; undefined while it is not whole. */
export function parseServerHello(bytes: Buffer): HelloAnswer | undefined {
  if (bytes.length < 5) return undefined;
  const record = bytes.subarray(5, 5 + bytes.readUInt16BE(3));
  if (record.length < bytes.readUInt16BE(3)) return undefined;
  if (bytes[0] === ALERT_RECORD) return { outcome: 'refused', alert: record[1] };
  if (bytes[0] !== HANDSHAKE_RECORD || record[0] !== SERVER_HELLO) {
    return { outcome: 'refused', alert: undefined };
  }
  const hello = record.subarray(4, 4 + record.readUIntBE(1, 3));
  const afterSession = 35 + (hello[34] ?? 0);
  const extensions = extensionsOf(hello.subarray(afterSession + 5));
  const chosen = extensions.find(([type]) => type === SUPPORTED_VERSIONS)?.[1];
  return {
    outcome: 'accepted',
    version: chosen ? chosen.readUInt16BE(0) : hello.readUInt16BE(0),
    suite: hello.readUInt16BE(afterSession),
    compression: hello[afterSession + 2] ?? 0,
    extensions: extensions.map(([type]) => type),
  };
}

function extensionsOf(bytes: Buffer): readonly (readonly [type: number, content: Buffer])[] {
  if (bytes.length < 4) return [];
  const end = 4 + bytes.readUInt16BE(2);
  return [[bytes.readUInt16BE(0), bytes.subarray(4, end)], ...extensionsOf(bytes.subarray(end))];
}
