import { dpopChallenge } from './dpop-challenge';

const algorithms = ['ES256', 'EdDSA'];

describe('a DPoP challenge', () => {
  it.each(['"', '\\', '\r\nset-cookie: a=b'])('does not contain %p', (text) => {
    expect(() => dpopChallenge({ realm: 'test', algorithms: [text] })).toThrow(TypeError);
  });

  it('names the algorithms of a proof when nothing was presented', () => {
    expect(dpopChallenge({ realm: 'test', algorithms })).toBe(
      'DPoP realm="test", algs="ES256 EdDSA"',
    );
  });

  it('names how the user is to authenticate, as RFC 9470 has it', () => {
    const error = 'insufficient_user_authentication';
    const refusal = { error, acrValues: 'acr:mfa', maxAge: 300 } as const;
    expect(dpopChallenge({ realm: 'test', algorithms, ...refusal })).toBe(
      `DPoP realm="test", error="${error}", acr_values="acr:mfa", max_age="300", algs="ES256 EdDSA"`,
    );
  });

  it('names error, description and scope', () => {
    const error = 'insufficient_scope';
    const refusal = { error, errorDescription: 'more is needed', scope: 'a b' } as const;
    expect(dpopChallenge({ realm: 'test', algorithms, ...refusal })).toBe(
      'DPoP realm="test", error="insufficient_scope", error_description="more is needed", scope="a b", algs="ES256 EdDSA"',
    );
  });
});
