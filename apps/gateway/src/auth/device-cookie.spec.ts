import { deviceCookie, presentedDeviceTokens } from './device-cookie';

const TOKEN = 'd'.repeat(43);
const NAME = '__Host-sallyport-device';

describe('the device cookie', () => {
  it.each([
    [undefined],
    [''],
    ['other=1'],
    [`sallyport-device=${TOKEN}`],
    [`__secure-sallyport-device=${TOKEN}`],
    [`${NAME}=`],
    [`${NAME}=a b`],
    [`${NAME}="${TOKEN}"`],
    [`${NAME}=${'x'.repeat(513)}`],
  ])('is none in %j', (header) => {
    expect(presentedDeviceTokens(header)).toBe('');
  });

  it('is seen beside others, also of its name', () => {
    expect(presentedDeviceTokens(`a=b; ${NAME}=${TOKEN}`)).toBe(TOKEN);
    expect(presentedDeviceTokens(`${NAME}=planted; ${NAME}=${TOKEN}`)).toBe(`planted&${TOKEN}`);
    const long = 'x'.repeat(500);
    expect(presentedDeviceTokens(`${NAME}=${TOKEN}; ${NAME}=${long}`)).toBe(TOKEN);
  });

  it.each(['', 'a;b', 'a\r\nSet-Cookie: b=c', 'x'.repeat(513)])('is not made of %j', (value) => {
    expect(() => deviceCookie(value)).toThrow(TypeError);
  });

  it('is for this host alone, for no script, and for no request of another site', () => {
    expect(deviceCookie(TOKEN)).toBe(
      `${NAME}=${TOKEN}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=7776000`,
    );
  });
});
