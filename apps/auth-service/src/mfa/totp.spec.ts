import { createHmac } from 'node:crypto';
import { matchingStep, newTotpSecret, totpKeyOf } from './totp';

/** The secret of RFC 6238 appendix B for SHA-1. */
const SECRET = Buffer.from('12345678901234567890');

const at = (seconds: number) => new Date(seconds * 1000);

/** RFC 4226 section 5.3, without the library. */
function codeOf(secret: Buffer, step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const truncated = mac.readUInt32BE((mac.at(-1) ?? 0) & 0xf) & 0x7fffffff;
  return String(truncated % 10 ** digits).padStart(digits, '0');
}

/** RFC 6238 appendix B: of eight digits, of which this system's codes are the last six. */
const VECTORS = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const;

describe('matchingStep', () => {
  const NOW = 1_800_000_015;
  const STEP = Math.floor(NOW / 30);

  it.each([
    ['two steps old', () => codeOf(SECRET, STEP - 2)],
    ['two steps ahead', () => codeOf(SECRET, STEP + 2)],
    ['of another secret', () => codeOf(newTotpSecret(), STEP)],
    ['of eight digits', () => codeOf(SECRET, STEP, 8)],
    ['of five digits', () => codeOf(SECRET, STEP).slice(1)],
    ['empty', () => ''],
    ['of other digits', () => '１２３４５６'],
    ['with a sign', () => `+${codeOf(SECRET, STEP).slice(1)}`],
    ['with a null byte', () => `${codeOf(SECRET, STEP)}\0`],
  ])('refuses a code %s', async (_name, code) => {
    expect(await matchingStep(SECRET, code(), at(NOW))).toBeUndefined();
    expect(await matchingStep(SECRET, codeOf(SECRET, STEP), at(NOW))).toBe(STEP);
  });

  it('accepts the first and the last second of the window, and not the ones beyond', async () => {
    const code = codeOf(SECRET, STEP);
    const [first, last] = [(STEP - 1) * 30, (STEP + 2) * 30 - 1];
    expect(await matchingStep(SECRET, code, at(first - 1))).toBeUndefined();
    expect(await matchingStep(SECRET, code, at(last + 1))).toBeUndefined();
    expect(await matchingStep(SECRET, code, at(first))).toBe(STEP);
    expect(await matchingStep(SECRET, code, at(last))).toBe(STEP);
  });

  it.each([-1, 0, 1])('accepts the code of the step %i away', async (away) => {
    const code = codeOf(SECRET, STEP + away);
    expect(await matchingStep(SECRET, code, at(NOW))).toBe(STEP + away);
    expect(await matchingStep(SECRET, `${code.slice(0, 3)} ${code.slice(3)}`, at(NOW))).toBe(
      STEP + away,
    );
  });

  it.each(VECTORS)('agrees with RFC 6238 appendix B at %i', async (seconds, code) => {
    const step = Math.floor(seconds / 30);
    expect(codeOf(SECRET, step, 8)).toBe(code);
    expect(await matchingStep(SECRET, code.slice(2), at(seconds))).toBe(step);
  });
});

describe('totpKeyOf', () => {
  it('writes the secret as apps read it', () => {
    const { secret, uri, qrSvg } = totpKeyOf(SECRET, 'ada+1@example.com');
    expect(secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    const parsed = new URL(uri);
    expect(`${parsed.protocol}//${parsed.host}`).toBe('otpauth://totp');
    expect(decodeURIComponent(parsed.pathname)).toBe('/Sallyport:ada+1@example.com');
    expect(Object.fromEntries(parsed.searchParams)).toEqual({ secret, issuer: 'Sallyport' });
    expect(qrSvg).toMatch(/^<svg [^>]*>.*<\/svg>$/s);
    expect(qrSvg).not.toMatch(/script|href|onload/);
  });

  it('makes secrets of 160 bits, each another', () => {
    expect(newTotpSecret()).toHaveLength(20);
    expect(newTotpSecret()).not.toEqual(newTotpSecret());
  });
});
