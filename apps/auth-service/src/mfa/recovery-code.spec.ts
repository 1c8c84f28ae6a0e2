import { hashPresentedCode, hashRecoveryCodes, newRecoveryCodes } from './recovery-code';

describe('recovery codes', () => {
  it.each([
    ['empty', ''],
    ['too short', 'K7QD-92MX-4TR'],
    ['too long', 'K7QD-92MX-4TRAA'],
    ['with a letter that is none of theirs', 'K7QD-92MX-4TRU'],
    ['of six digits', '123456'],
    ['with dots', 'K7QD.92MX.4TRA'],
  ])('takes what is %s for none', async (_name, presented) => {
    expect(await hashPresentedCode(presented, Buffer.alloc(16))).toBeUndefined();
  });

  it('hashes the same code under another salt to something else', async () => {
    const sets = await Promise.all([1, 2].map(() => hashRecoveryCodes(['K7QD-92MX-4TRA'])));
    expect(sets[0]?.salt).not.toEqual(sets[1]?.salt);
    expect(sets[0]?.hashes).not.toEqual(sets[1]?.hashes);
  });

  it.each(['K7Q1-92MX-4TR0', 'k7q1 92mx 4tr0', 'K7QI92MX4TRO', ' k7ql-92mx-4tro '])(
    'reads %j as it was meant',
    async (presented) => {
      const { salt, hashes } = await hashRecoveryCodes(['K7Q1-92MX-4TR0']);
      expect(await hashPresentedCode(presented, salt)).toEqual(hashes[0]);
    },
  );

  it('gives ten, each another, in three groups of four', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
    }
  });
});
