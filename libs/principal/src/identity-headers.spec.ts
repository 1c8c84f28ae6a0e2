import fc from 'fast-check';
import { encodeIdentityHeaders, parseIdentityHeaders } from './identity-headers';
import {
  IdentityHeadersRejected,
  type IdentityHeadersRejectionCode,
} from './identity-headers-rejected';
import { createPrincipal, PRINCIPAL_TYPES, type Principal } from './principal';

const VALID: Readonly<Record<string, string>> = {
  'x-user-id': 'user-1',
  'x-user-scopes': 'orders:read orders:write',
  'x-principal-type': 'user',
  'x-client-id': 'web',
  'x-session-id': 'session-1',
  'x-auth-acr': 'urn:sallyport:acr:password',
  'x-auth-time': '1893456000',
};

type Presented = Readonly<Record<string, string | readonly string[] | undefined>>;

const parse = (presented: Presented) =>
  parseIdentityHeaders((name) => [presented[name] ?? []].flat());

function refusal(change: Presented): IdentityHeadersRejected {
  try {
    parse({ ...VALID, ...change });
  } catch (error) {
    if (error instanceof IdentityHeadersRejected) return error;
  }
  throw new Error('was accepted');
}

describe('parseIdentityHeaders refuses', () => {
  it.each<[string, IdentityHeadersRejectionCode, Presented]>([
    ['no id', 'identity_header_missing', { 'x-user-id': undefined }],
    ['no type', 'identity_header_missing', { 'x-principal-type': undefined }],
    ['an empty id', 'identity_header_malformed', { 'x-user-id': '' }],
    ['an id with a space', 'identity_header_malformed', { 'x-user-id': 'a b' }],
    ['an id with a line end', 'identity_header_malformed', { 'x-user-id': 'a\nb' }],
    ['an id with NUL', 'identity_header_malformed', { 'x-user-id': 'a\0' }],
    ['an id beyond ASCII', 'identity_header_malformed', { 'x-user-id': 'us\u00e9r' }],
    ['an id of 256 characters', 'identity_header_malformed', { 'x-user-id': 'a'.repeat(256) }],
    ['two ids', 'identity_header_duplicated', { 'x-user-id': ['user-1', 'admin'] }],
    ['the same id twice', 'identity_header_duplicated', { 'x-user-id': ['user-1', 'user-1'] }],
    ['two ids joined', 'identity_header_duplicated', { 'x-user-id': 'user-1, admin' }],
    ['scopes twice', 'identity_header_duplicated', { 'x-user-scopes': ['a', 'b'] }],
    ['scopes joined', 'identity_header_duplicated', { 'x-user-scopes': 'a, b' }],
    ['empty scopes', 'identity_header_malformed', { 'x-user-scopes': '' }],
    ['scopes with two spaces', 'identity_header_malformed', { 'x-user-scopes': 'a  b' }],
    ['scopes with a tab', 'identity_header_malformed', { 'x-user-scopes': 'a\tb' }],
    ['an unknown type', 'identity_header_malformed', { 'x-principal-type': 'admin' }],
    ['a type in upper case', 'identity_header_malformed', { 'x-principal-type': 'User' }],
    ['a type from the prototype', 'identity_header_malformed', { 'x-principal-type': 'toString' }],
    ['an empty client', 'identity_header_malformed', { 'x-client-id': '' }],
    ['two sessions', 'identity_header_duplicated', { 'x-session-id': ['a', 'b'] }],
    ['an acr with a control character', 'identity_header_malformed', { 'x-auth-acr': 'a\x7f' }],
    ['a time with a fraction', 'identity_header_malformed', { 'x-auth-time': '1.5' }],
    ['a negative time', 'identity_header_malformed', { 'x-auth-time': '-1' }],
    ['a time in hexadecimal', 'identity_header_malformed', { 'x-auth-time': '0x10' }],
    ['a time with a leading zero', 'identity_header_malformed', { 'x-auth-time': '01' }],
    ['a time in exponents', 'identity_header_malformed', { 'x-auth-time': '1e9' }],
    [
      'a time beyond safe integers',
      'identity_header_malformed',
      { 'x-auth-time': '9007199254740993' },
    ],
    ['an empty time', 'identity_header_malformed', { 'x-auth-time': '' }],
  ])('%s: %s', (_name, code, change) => {
    const error = refusal(change);
    expect(error.code).toBe(code);
    expect(error.message).toBe(`${code}: ${Object.keys(change)[0]}`);
  });
});

describe('encodeIdentityHeaders refuses', () => {
  const user: Principal = { id: 'u', type: 'user', scopes: new Set() };
  it.each<[string, Partial<Principal>]>([
    ['an id with a line end', { id: 'a\r\nx-user-scopes: *' }],
    ['an empty id', { id: '' }],
    ['a scope that would read as two', { scopes: new Set(['a b']) }],
    ['an empty scope', { scopes: new Set(['']) }],
    ['a session with a comma', { sessionId: 'a,b' }],
    ['a time with a fraction', { authTime: 1.5 }],
    ['a time that is no number', { authTime: Number.NaN }],
  ])('%s', (_name, change) => {
    expect(() => encodeIdentityHeaders({ ...user, ...change })).toThrow(TypeError);
  });
});

describe('identity headers', () => {
  const identifier = fc.stringMatching(/^[A-Za-z0-9._:@/+=~|-]{1,40}$/);
  const absentOr = <Value>(arbitrary: fc.Arbitrary<Value>) =>
    fc.option(arbitrary, { nil: undefined });
  const principals = fc
    .record({
      id: identifier,
      type: fc.constantFrom(...PRINCIPAL_TYPES),
      scopes: fc.uniqueArray(identifier, { maxLength: 8 }).map((scopes) => new Set(scopes)),
      clientId: absentOr(identifier),
      sessionId: absentOr(identifier),
      acr: absentOr(identifier),
      authTime: absentOr(fc.maxSafeNat()),
    })
    .map(createPrincipal);

  it('are read as they were written, whoever the principal is', () => {
    fc.assert(
      fc.property(principals, (principal) => {
        expect(parse(encodeIdentityHeaders(principal))).toEqual(principal);
      }),
    );
  });

  it('name only those members the principal has', () => {
    const principal = parse({ 'x-user-id': 'partner-1', 'x-principal-type': 'partner' });
    expect(principal).toEqual({ id: 'partner-1', type: 'partner', scopes: new Set() });
    expect(encodeIdentityHeaders(principal)).toEqual({
      'x-user-id': 'partner-1',
      'x-principal-type': 'partner',
    });
  });

  it('give an immutable principal', () => {
    const principal = parse(VALID);
    expect(Object.isFrozen(principal)).toBe(true);
    expect(encodeIdentityHeaders(principal)).toEqual(VALID);
  });
});
