import { redirectUriFault } from './redirect-uri';

describe('redirectUriFault', () => {
  it.each([
    ['a fragment', 'https://app.example/callback#x'],
    ['an empty fragment', 'https://app.example/callback#'],
    ['a wildcard host', 'https://*.app.example/callback'],
    ['a wildcard path', 'https://app.example/*'],
    ['a user', 'https://user@app.example/callback'],
    ['a user without a name', 'https://:secret@app.example/callback'],
    ['a way up', 'https://app.example/a/../callback'],
    ['a backslash', 'https:\\\\app.example\\callback'],
    ['a host in capitals', 'https://App.example/callback'],
    ['the default port', 'https://app.example:443/callback'],
    ['a blank', 'https://app.example/call back'],
    ['a line feed', 'https://app.example/callback\n'],
    ['no scheme', '//app.example/callback'],
    ['no host', 'https:///'],
    ['nothing', ''],
    ['http', 'http://app.example/callback'],
    ['javascript', 'javascript:alert(1)'],
    ['data', 'data:text/html,x'],
  ])('refuses one with %s, of a web and of a native client', (_, uri) => {
    expect(redirectUriFault(uri, 'web')).toBeDefined();
    expect(redirectUriFault(uri, 'native')).toBeDefined();
  });

  it.each([
    ['http://127.0.0.1/callback'],
    ['http://localhost:8447/callback'],
    ['com.example.app:/callback'],
  ])('refuses %s of a web client', (uri) => {
    expect(redirectUriFault(uri, 'web')).toBeDefined();
  });

  it.each([
    ['http://localhost/callback'],
    ['http://127.0.0.1.example/callback'],
    ['http://192.168.0.1/callback'],
    ['myapp:/callback'],
  ])('refuses %s of a native client', (uri) => {
    expect(redirectUriFault(uri, 'native')).toBeDefined();
  });

  it.each([
    ['https://app.example/callback', 'web'],
    ['https://app.example', 'web'],
    ['https://app.example/callback?tenant=1', 'web'],
    ['https://localhost:8447/', 'web'],
    ['http://127.0.0.1/callback', 'native'],
    ['http://127.0.0.1:5000/callback', 'native'],
    ['http://[::1]/callback', 'native'],
    ['com.example.app:/callback', 'native'],
    ['https://app.example/claimed', 'native'],
  ] as const)('takes %s of a %s client', (uri, type) => {
    expect(redirectUriFault(uri, type)).toBeUndefined();
  });
});
