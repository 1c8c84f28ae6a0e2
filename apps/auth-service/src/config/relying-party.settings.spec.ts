import { ConfigurationError } from '@sallyport/configuration';
import { relyingPartyOf } from './relying-party.settings';

const SETTINGS = {
  ISSUER: 'https://login.example.com:8443',
  WEBAUTHN_RP_ID: undefined,
  WEBAUTHN_RP_NAME: 'Sallyport',
  WEBAUTHN_ORIGINS: undefined,
};

describe('relyingPartyOf', () => {
  it.each([
    ['an address', { ISSUER: 'https://192.0.2.1' }, 'WEBAUTHN_RP_ID'],
    ['a URL', { WEBAUTHN_RP_ID: 'https://example.com' }, 'WEBAUTHN_RP_ID'],
    ['a port', { WEBAUTHN_RP_ID: 'example.com:8443' }, 'WEBAUTHN_RP_ID'],
    ['capitals', { WEBAUTHN_RP_ID: 'Example.com' }, 'WEBAUTHN_RP_ID'],
    ['a dot at the end', { WEBAUTHN_RP_ID: 'example.com.' }, 'WEBAUTHN_RP_ID'],
    ['nothing', { WEBAUTHN_RP_ID: '' }, 'WEBAUTHN_RP_ID'],
    ['the domain of somebody else', { WEBAUTHN_RP_ID: 'example.org' }, 'WEBAUTHN_ORIGINS'],
    ['a domain below that of its pages', { WEBAUTHN_RP_ID: 'a.b.example' }, 'WEBAUTHN_ORIGINS'],
    ['the end of another name', { WEBAUTHN_RP_ID: 'ample.com' }, 'WEBAUTHN_ORIGINS'],
  ])('refuses %s as the relying party', (_name, settings, variable) => {
    expect(() => relyingPartyOf({ ...SETTINGS, ...settings })).toThrow(ConfigurationError);
    expect(() => relyingPartyOf({ ...SETTINGS, ...settings })).toThrow(variable);
  });

  it.each([
    ['in clear', 'http://login.example.com'],
    ['elsewhere', 'https://evil.example'],
    ['elsewhere, beside a right one', 'https://login.example.com,https://evil.example'],
    ['of a name that ends alike', 'https://evillogin.example.com'],
    ['with a path', 'https://login.example.com/'],
    ['with the port that goes without saying', 'https://login.example.com:443'],
    ['in capitals', 'https://LOGIN.example.com'],
    ['with a name in it', 'https://login.example.com@evil.example'],
    ['that is opaque', 'null'],
    ['that is any', '*'],
    ['that is empty', ''],
  ])('refuses an origin %s', (_name, origins) => {
    const refused = () => relyingPartyOf({ ...SETTINGS, WEBAUTHN_ORIGINS: origins });
    expect(refused).toThrow(/^WEBAUTHN_ORIGINS: expected https origins of login\.example\.com/);
  });

  it('is the host and origin of the issuer where nothing else is said', () => {
    expect(relyingPartyOf(SETTINGS)).toEqual({
      id: 'login.example.com',
      name: 'Sallyport',
      origins: ['https://login.example.com:8443'],
    });
  });

  it('may be a domain above, with several origins at it or below', () => {
    const origins = ['https://example.com', 'https://a.example.com:444'];
    const said = { WEBAUTHN_RP_ID: 'example.com', WEBAUTHN_ORIGINS: origins.join(',') };
    const { id, origins: accepted } = relyingPartyOf({ ...SETTINGS, ...said });
    expect([id, accepted]).toEqual(['example.com', origins]);
  });
});
