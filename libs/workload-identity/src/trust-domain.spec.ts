import { errorWith } from './certificate.fixture';
import fc from 'fast-check';
import { SpiffeIdInvalid } from './spiffe-id-invalid.error';
import { TrustDomain } from './trust-domain';

describe('TrustDomain', () => {
  it.each([
    ['an empty name', '', 'trust_domain_empty'],
    ['upper case', 'Sallyport.internal', 'trust_domain_character'],
    ['a port', 'sallyport.internal:8443', 'trust_domain_character'],
    ['user information', 'user@sallyport.internal', 'trust_domain_character'],
    ['percent-encoding', 'sallyport%2einternal', 'trust_domain_character'],
    ['a slash', 'sallyport.internal/', 'trust_domain_character'],
    ['a line feed at the end', 'sallyport.internal\n', 'trust_domain_character'],
    ['a letter outside ASCII', 'sällyport.internal', 'trust_domain_character'],
    ['256 bytes', 'a'.repeat(256), 'trust_domain_too_long'],
  ])('refuses %s', (_case, name, code) => {
    expect(() => TrustDomain.parse(name)).toThrow(errorWith(code));
  });

  it('refuses or keeps every string unchanged', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        let parsed: string;
        try {
          parsed = TrustDomain.parse(name).toString();
        } catch (error) {
          return error instanceof SpiffeIdInvalid;
        }
        return parsed === name && /^[a-z0-9._-]{1,255}$/.test(name);
      }),
    );
  });

  it('parses a name of 255 bytes, and compares by name', () => {
    const name = 'a'.repeat(255);
    expect(TrustDomain.parse(name).equals(TrustDomain.parse(name))).toBe(true);
    expect(TrustDomain.parse(name).equals(TrustDomain.parse('b'))).toBe(false);
    expect(JSON.stringify(TrustDomain.parse('a_b-c.d'))).toBe('"a_b-c.d"');
  });
});
