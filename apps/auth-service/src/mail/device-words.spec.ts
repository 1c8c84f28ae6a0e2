import { deviceWords } from './device-words';

describe('deviceWords', () => {
  it.each([
    [undefined, 'an unnamed client'],
    ['', 'an unnamed client'],
    ['https://evil.example/', 'an unnamed client'],
    ['evil.example', 'an unnamed client'],
    ['evil@example.com', 'an unnamed client'],
    ['<b>me</b>', 'an unnamed client'],
    ['curl/8.5.0', 'a client named curl'],
    ['Call 555 0100 at once', 'a client named Call'],
    ['a word that is longer', 'a client named a'],
    ['averyverylongwordofaclient/1', 'an unnamed client'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0', 'Firefox on Linux'],
    ['evil.example Firefox/140.0 evil.example', 'Firefox'],
  ])('makes of %j %j', (userAgent, words) => {
    expect(deviceWords(userAgent)).toBe(words);
  });
});
