import fc from 'fast-check';
import {
  IDENTITY_HEADERS,
  isIdentityHeader,
  isReservedHeader,
  TRANSACTION_TOKEN_HEADER,
} from './reserved-headers';

const reserved = [...Object.values(IDENTITY_HEADERS), TRANSACTION_TOKEN_HEADER];

/** Names under which proxies hand on the certificate of a client. */
const ofCertificates = [
  'client-cert',
  'client-cert-chain',
  'x-client-cert',
  'x-client-certificate',
  'x-forwarded-client-cert',
  'x-ssl-cert',
  'x-ssl-client-verify',
  'x-ssl-client-s-dn',
  'ssl-client-cert',
];

/** Every way a name may be spelled so that some stack reads it as the header: letter case, separators, `-bin`. */
const spellingsOf = (name: string) =>
  fc
    .tuple(
      ...Array.from(name, (character) =>
        character === '-'
          ? fc.constantFrom('-', '_', '.')
          : fc.constantFrom(character, character.toUpperCase()),
      ),
      fc.constantFrom('', '-bin', '_BIN', '.Bin', '-bin-bin'),
    )
    .map((characters) => characters.join(''));

describe('isReservedHeader', () => {
  it.each([
    'X-User-Id',
    'x_user_id',
    'X.User.Id',
    'x-user-id-bin',
    'X_USER_ID_BIN',
    ' x-user-id',
    'Txn-Token',
    'TXN_TOKEN',
    'x~user~id',
    '_x-user-id',
    '-x-user-id',
    'x--user-id',
    'x-user-id-',
  ])('sees through %j', (name) => {
    expect(isReservedHeader(name)).toBe(true);
  });

  it.each([...reserved, ...ofCertificates])('sees through every spelling of %s', (name) => {
    fc.assert(fc.property(spellingsOf(name), (spelling) => isReservedHeader(spelling)));
  });

  it.each([
    'x-correlation-id',
    'x-user',
    'x-user-agent',
    'xuserid',
    'user-id',
    'te',
    'traceparent',
    'x-request-id',
    'bin',
    '-bin',
    '',
    'txn-token-hint',
    'x-user-ids',
    'client',
    'client-certificates',
    'x-ssl',
    'x-sslcert',
  ])('leaves %j alone', (name) => {
    expect(isReservedHeader(name)).toBe(false);
  });

  it('leaves every name alone that has other letters or digits', () => {
    const letters = new Set(reserved.map((name) => name.replace(/-/g, '')));
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9_.-]{0,24}$/), (name) => {
        const read = name.toLowerCase().replace(/[^a-z0-9]|(?:bin)+$/g, '');
        fc.pre(!letters.has(read) && !/^(?:x?ssl|x?(?:forwarded)?clientcert)/.test(read));
        return !isReservedHeader(name);
      }),
    );
  });

  it('never throws and answers in time for any name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (name) => typeof isReservedHeader(name) === 'boolean',
      ),
    );
    expect(isReservedHeader(`x${'-bin'.repeat(10_000)}x`)).toBe(false);
  });
});

describe('isIdentityHeader', () => {
  it('covers all of them but the transaction token', () => {
    expect(reserved.filter((name) => !isIdentityHeader(name))).toEqual([TRANSACTION_TOKEN_HEADER]);
    expect(isIdentityHeader('Txn_Token')).toBe(false);
    expect(isIdentityHeader('X_Auth_Time')).toBe(true);
  });
});
