import { bearerChallenge } from './bearer-challenge';

describe('a bearer challenge', () => {
  it.each(['"', '\\', '\r\nset-cookie: a=b', 'é'])('does not contain %p', (text) => {
    expect(() => bearerChallenge({ realm: 'test', errorDescription: text })).toThrow(TypeError);
  });

  it('names the realm alone when nothing was presented', () => {
    expect(bearerChallenge({ realm: 'test' })).toBe('Bearer realm="test"');
  });

  it('names how the user is to authenticate, as RFC 9470 has it', () => {
    expect(
      bearerChallenge({
        realm: 'test',
        error: 'insufficient_user_authentication',
        acrValues: 'acr:mfa',
        maxAge: 300,
      }),
    ).toBe(
      'Bearer realm="test", error="insufficient_user_authentication", acr_values="acr:mfa", max_age="300"',
    );
  });

  it('names error, description and scope', () => {
    expect(
      bearerChallenge({
        realm: 'test',
        error: 'insufficient_scope',
        errorDescription: 'more is needed',
        scope: 'a b',
      }),
    ).toBe(
      'Bearer realm="test", error="insufficient_scope", error_description="more is needed", scope="a b"',
    );
  });
});
