import { parsePresentedPassword } from './password';

describe('parsePresentedPassword', () => {
  it('refuses 1025 bytes', () => {
    expect(() => parsePresentedPassword('a'.repeat(1025))).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason: 'password_too_long' }) as Error,
    );
  });

  it.each([
    ['shorter than the policy asks for today', 'e\u0301', '\u00e9'],
    ['on the list of today', 'password', 'password'],
  ])('takes a password that is %s', (_name, presented, parsed) => {
    expect(parsePresentedPassword(presented)).toBe(parsed);
  });
});
