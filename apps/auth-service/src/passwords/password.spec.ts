import { parseNewPassword, parsePresentedPassword } from './password';

describe('parseNewPassword', () => {
  it.each([
    ['nothing', '', 'password_too_short'],
    ['14 characters', 'a'.repeat(14), 'password_too_short'],
    ['14 characters that are 28 UTF-16 units', '\u{1f600}'.repeat(14), 'password_too_short'],
    ['14 characters that NFC composes from 28', 'e\u0301'.repeat(14), 'password_too_short'],
    ['1025 bytes', 'a'.repeat(1025), 'password_too_long'],
    ['1026 bytes in 513 characters', '\u00e9'.repeat(513), 'password_too_long'],
  ])('refuses %s', (_name, chosen, reason) => {
    expect(() => parseNewPassword(chosen)).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason }) as Error,
    );
  });

  it.each([
    ['15 characters', 'a'.repeat(15)],
    ['15 spaces', ' '.repeat(15)],
    ['15 emoji', '\u{1f600}'.repeat(15)],
    ['64 characters', 'correct horse battery staple '.repeat(3).slice(0, 64)],
    ['1024 bytes', 'a'.repeat(1024)],
  ])('takes %s as it is', (_name, chosen) => {
    expect(parseNewPassword(chosen)).toBe(chosen);
  });

  it('takes two ways of typing the same characters as one password', () => {
    expect(parseNewPassword('cafe\u0301 '.repeat(3))).toBe(
      parseNewPassword('caf\u00e9 '.repeat(3)),
    );
  });
});

describe('parsePresentedPassword', () => {
  it('refuses 1025 bytes', () => {
    expect(() => parsePresentedPassword('a'.repeat(1025))).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason: 'password_too_long' }) as Error,
    );
  });

  it('takes a password that is shorter than the policy asks for today', () => {
    expect(parsePresentedPassword('e\u0301')).toBe('\u00e9');
  });
});
