const PREFIX_BYTES = 5;

/** gRPC's length-prefixed message, uncompressed. */
export function frameMessage(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The message in the body of a unary response. */
export function readMessage(body: Buffer): Buffer {
  return body.subarray(PREFIX_BYTES, PREFIX_BYTES + body.readUInt32BE(1));
}
