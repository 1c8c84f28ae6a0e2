import { parseWantedApiKey, type WantedApiKey } from './wanted-api-key';

const NOW = new Date('2028-02-29T12:00:00.000Z');
const WANTED: WantedApiKey = { name: 'nightly export', scopes: ['a'], expiresAt: undefined };

describe('refuses', () => {
  it.each<[string, Partial<WantedApiKey>, string]>([
    ['no name', { name: '' }, 'api_key_name_invalid'],
    ['a name of spaces', { name: '   ' }, 'api_key_name_invalid'],
    ['a name with a space before', { name: ' a' }, 'api_key_name_invalid'],
    ['a name with a space behind', { name: 'a ' }, 'api_key_name_invalid'],
    ['a name of 101 characters', { name: 'a'.repeat(101) }, 'api_key_name_invalid'],
    ['a line end in the name', { name: 'a\nb' }, 'api_key_name_invalid'],
    ['a terminal escape in the name', { name: 'a\u001b[2Jb' }, 'api_key_name_invalid'],
    ['a name that turns the direction', { name: 'a\u202eb' }, 'api_key_name_invalid'],
    ['half a character in the name', { name: 'a\ud83d' }, 'api_key_name_invalid'],
    ['no scopes', { scopes: [] }, 'api_key_scopes_invalid'],
    ['the scope that makes keys', { scopes: ['a', 'api-keys:manage'] }, 'api_key_scopes_invalid'],
    ['an end that is now', { expiresAt: NOW }, 'api_key_expiry_invalid'],
    ['an end that is over', { expiresAt: new Date(0) }, 'api_key_expiry_invalid'],
    ['an end that is no time', { expiresAt: new Date(NaN) }, 'api_key_expiry_invalid'],
    [
      'an end in more than ten years',
      { expiresAt: new Date('2038-03-01T12:00:00.001Z') },
      'api_key_expiry_invalid',
    ],
  ])('%s', (_, broken, reason) => {
    expect(() => parseWantedApiKey({ ...WANTED, ...broken }, NOW)).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason }),
    );
    expect(parseWantedApiKey(WANTED, NOW)).toEqual(WANTED);
  });
});

it.each<[string, Partial<WantedApiKey>]>([
  ['100 characters outside of the basic plane', { name: '\u{1f511}'.repeat(100) }],
  ['one character', { name: '-' }],
  ['other scripts, accents and inner spaces', { name: 'Nächtlicher Export – 夜間 №1' }],
  ['an end in a moment', { expiresAt: new Date(NOW.getTime() + 1) }],
  ['an end in ten years', { expiresAt: new Date('2038-03-01T12:00:00.000Z') }],
])('accepts %s', (_, wanted) => {
  expect(parseWantedApiKey({ ...WANTED, ...wanted }, NOW)).toEqual({ ...WANTED, ...wanted });
});

it('takes a scope that is named twice once', () => {
  expect(parseWantedApiKey({ ...WANTED, scopes: ['b', 'a', 'b'] }, NOW).scopes).toEqual(['b', 'a']);
});
