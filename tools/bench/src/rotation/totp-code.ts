import { createHmac } from 'node:crypto';

const PERIOD_MS = 30_000;

/** What an authenticator app shows (RFC 6238: SHA-1, six digits, thirty seconds) of a secret in base32. */
export function totpCode(secret: string, at: number, stepsAway = 0): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / PERIOD_MS) + stepsAway));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const truncated = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(truncated % 1_000_000).padStart(6, '0');
}

/** RFC 4648 section 6. */
function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  ).join('');
  return Buffer.from((bits.match(/[01]{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
