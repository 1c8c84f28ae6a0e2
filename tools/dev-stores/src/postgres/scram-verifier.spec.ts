import { createHash, createHmac } from 'node:crypto';
import { scramVerifier } from './scram-verifier';

/** The exchange of RFC 7677, section 3. */
const exchange = {
  password: 'pencil',
  salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
  authMessage: [
    'n=user,r=rOprNGfwEbeRWgbNEkqO',
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
  ].join(','),
  clientProof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  serverSignature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
};

describe('scramVerifier', () => {
  it.each([
    ['an empty password', ''],
    ['a password that SASLprep changes', 'I\u00adX'],
    ['a password with a line break', 'a\nb'],
  ])('refuses %s', (_case, password) => {
    expect(() => scramVerifier(password)).toThrow(TypeError);
  });

  it('verifies both sides of the exchange in RFC 7677', () => {
    const verifier = scramVerifier(exchange.password, Buffer.from(exchange.salt, 'base64'));
    const [, salt, storedKey, serverKey] =
      /^SCRAM-SHA-256\$4096:(.+)\$(.+):(.+)$/.exec(verifier) ?? [];
    expect(salt).toBe(exchange.salt);
    const signed = (key: string | undefined) =>
      createHmac('sha256', Buffer.from(key ?? '', 'base64'))
        .update(exchange.authMessage)
        .digest();
    expect(signed(serverKey).toString('base64')).toBe(exchange.serverSignature);
    const mask = signed(storedKey);
    const clientKey = Buffer.from(exchange.clientProof, 'base64').map(
      (byte, i) => byte ^ (mask[i] ?? 0),
    );
    expect(createHash('sha256').update(clientKey).digest('base64')).toBe(storedKey);
  });

  it('salts each verifier anew', () => {
    expect(scramVerifier('pencil')).not.toBe(scramVerifier('pencil'));
  });
});
