import { describeWithOathtool } from '@sallyport/testing';
import { matchingStep, totpKeyOf } from './totp';

const PERIOD_MS = 30_000;
const SECRET = Buffer.from('12345678901234567890');
const ANOTHER = Buffer.from('09876543210987654321');

const stepOf = (at: Date): number => Math.floor(at.getTime() / PERIOD_MS);
const later = (at: Date, steps: number): Date => new Date(at.getTime() + steps * PERIOD_MS);

describeWithOathtool('another implementation of RFC 6238', (oathtool) => {
  it.each([
    ['in the first step there is', '1970-01-01T00:00:59Z'],
    ['in the first second of a step', '2026-11-26T10:00:00Z'],
    ['in the last second of a step', '2026-11-26T10:00:29Z'],
    ['when a second has no more room in 32 bits', '2038-01-19T03:14:08Z'],
    ['when a second has no more room in 32 bits without a sign', '2106-02-07T06:28:16Z'],
  ])('gives the codes that are accepted, and no others, %s', async (_when, time) => {
    const at = new Date(time);
    const { secret: typed } = totpKeyOf(SECRET, 'ada@example.com');
    const codeAt = (steps: number) => oathtool.codeAt(typed, later(at, steps));

    expect(await matchingStep(SECRET, await codeAt(2), at)).toBeUndefined();
    expect(await matchingStep(ANOTHER, await codeAt(0), at)).toBeUndefined();
    for (const away of [-1, 0, 1]) {
      expect(await matchingStep(SECRET, await codeAt(away), at)).toBe(stepOf(at) + away);
    }
  });
});
