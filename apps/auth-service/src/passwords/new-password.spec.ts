import { fewestCharacters, parseNewPassword } from './new-password';

const email = 'ada.quibblewick@analytical.example';
const ALONE = { email, hasSecondFactor: false };
const WITH_ANOTHER = { email, hasSecondFactor: true };

function refusal(reason: string): Error {
  return expect.objectContaining({ status: 'INVALID_ARGUMENT', reason }) as Error;
}

describe('parseNewPassword', () => {
  it.each([
    ['nothing', '', 'password_too_short'],
    ['14 characters', 'q7#Lm2vX9pTz4w', 'password_too_short'],
    ['14 characters that are 28 UTF-16 units', '\u{1f600}'.repeat(14), 'password_too_short'],
    ['14 characters that NFC composes from 28', 'e\u0301'.repeat(14), 'password_too_short'],
    ['1025 bytes', 'a'.repeat(1025), 'password_too_long'],
    ['1026 bytes in 513 characters', '\u00e9'.repeat(513), 'password_too_long'],
    ['one of the list', '1qaz2wsx3edc4rfv', 'password_too_common'],
    ['one of the list in other letters', 'PasswordPassword', 'password_too_common'],
    ['one of the list, decorated', '*** Passwordstandard ***', 'password_too_common'],
    ['one of the list in full-width letters', '\uff30asswordstandard', 'password_too_common'],
    ['a short one of the list over and over', 'dragondragondragon', 'password_too_common'],
    ['two of the list', 'Sunshine-Princess', 'password_too_common'],
    ['two of the list and a year', 'SunshinePrincess2026!', 'password_too_common'],
    ['one of the list and a run', 'password1234567', 'password_too_common'],
    ['one character', 'a'.repeat(15), 'password_too_common'],
    ['punctuation alone', '!'.repeat(20), 'password_too_common'],
    ['spaces', ' '.repeat(15), 'password_too_common'],
    ['three characters over and over', 'xyqxyqxyqxyqxyqx', 'password_too_common'],
    ['the alphabet', 'abcdefghijklmno', 'password_too_common'],
    ['digits in order', '234567890123456', 'password_too_common'],
    ['digits backwards', '9876543210987654', 'password_too_common'],
    ['the e-mail address', 'Ada.Quibblewick@Analytical.example', 'password_too_personal'],
    ['its local part and digits', 'adaquibblewick1843!!', 'password_too_personal'],
    ['a name in it and a common word', 'quibblewick-password', 'password_too_personal'],
    ['the domain and a run', 'analytical123456', 'password_too_personal'],
    ['the name of the product', 'SallyportSallyport1', 'password_too_personal'],
    ['the name of the product and a common word', 'sallyport-password', 'password_too_personal'],
  ])('refuses %s', (_name, chosen, reason) => {
    expect(() => parseNewPassword(chosen, ALONE)).toThrow(refusal(reason));
  });

  it.each([
    ['7 characters', 'q7#Lm2v', 'password_too_short'],
    ['8 characters that are one of the list', 'Sunshine', 'password_too_common'],
    ['a name and digits', 'quibblewick1', 'password_too_personal'],
  ])('refuses %s beside another factor', (_name, chosen, reason) => {
    expect(() => parseNewPassword(chosen, WITH_ANOTHER)).toThrow(refusal(reason));
  });

  it.each([
    ['15 characters of any kind', 'mxkrqzplwhvtnbd'],
    ['words', 'correct horse battery staple'],
    ['common words, three of them', 'sunshine princess dragon'],
    ['a common word among others', 'my password is long enough'],
    ['digits alone, in no order', '840275193628405'],
    [
      'letters of any script',
      '\u6b63\u3057\u3044\u99ac\u306e\u96fb\u6c60\u306e\u30db\u30c1\u30ad\u30b9\u3067\u3059\u3088',
    ],
    [
      'emoji, not the same',
      '\u{1f600}\u{1f34e}\u{1f40e}\u{1f50b}\u{1f4ce}\u{1f680}\u{1f511}\u{1f6aa}\u{1f3f0}\u{1f40d}\u{1f418}\u{1f355}\u{1f3b2}\u{1f4da}\u{1f30d}',
    ],
    ['64 characters', 'correct horse battery staple '.repeat(3).slice(0, 64)],
    ['1024 bytes', 'correct horse battery staple '.repeat(36).slice(0, 1024)],
  ])('takes %s as it is', (_name, chosen) => {
    expect(parseNewPassword(chosen, ALONE)).toBe(chosen);
  });

  it('takes 8 characters beside another factor, and not alone', () => {
    expect(parseNewPassword('q7#Lm2vX', WITH_ANOTHER)).toBe('q7#Lm2vX');
    expect(() => parseNewPassword('q7#Lm2vX', ALONE)).toThrow(refusal('password_too_short'));
    expect([fewestCharacters(false), fewestCharacters(true)]).toEqual([15, 8]);
  });

  it('takes two ways of typing the same characters as one password', () => {
    expect(parseNewPassword('un cafe\u0301 au lait', ALONE)).toBe(
      parseNewPassword('un caf\u00e9 au lait', ALONE),
    );
  });
});
