import { mintApiKey } from '@sallyport/api-keys';
import { API_KEYS, holdsCredential } from './credential-traits';

describe('holdsCredential', () => {
  const { presentedKey } = mintApiKey();

  it.each<[string, string]>([
    ['nothing', ''],
    ['how a key begins', 'sp_'],
    ['less than the id of one', presentedKey.slice(0, 18)],
    ['a word that begins so', 'sp_export'],
    ['a word that ends so', 'wasp_of_the_northern_woods'],
    ['a host whose name begins with the octet of a brace', '/?to=https://extranet.example.co.uk/'],
    ['a scheme of such words', '/?to=com.example.app.other:/callback'],
  ])('sees none in %s', (_name, text) => {
    expect(holdsCredential(text)).toBe(false);
  });

  it.each<[string, string]>([
    ['alone', presentedKey],
    ['in a query', `/orders?a=${presentedKey}&b=c`],
    ['behind other letters', `/orders/x${presentedKey}`],
    ['encoded', `/orders?a=%73p%5F${presentedKey.slice(3)}`],
    ['encoded twice', `/orders?a=%2573p_${presentedKey.slice(3)}`],
    ['cut short', presentedKey.slice(0, 30)],
    ['damaged', `${presentedKey.slice(0, 40)}-${presentedKey.slice(41)}`],
    ['in lower case', presentedKey.toLowerCase()],
  ])('sees an API key %s', (_name, text) => {
    expect(holdsCredential(text)).toBe(true);
  });
});

it.each([['{"alg":"none"}'], [' { "alg": "none" }'], [`{${' '.repeat(20)}"alg":"none"}`]])(
  'sees a token whose header is %j',
  (header) => {
    const token = `${Buffer.from(header).toString('base64url')}.e30.AAAA`;
    expect(holdsCredential(`/?to=${token}`)).toBe(true);
  },
);

it('finds each key of a text whole', () => {
  const [one, other] = [mintApiKey().presentedKey, mintApiKey().presentedKey];
  expect(`${one}, x${other}`.match(API_KEYS)).toEqual([one, other]);
});
