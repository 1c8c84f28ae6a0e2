import { errorWith } from './certificate.fixture';
import fc from 'fast-check';
import { SpiffeIdInvalid } from './spiffe-id-invalid.error';
import { SpiffeId } from './spiffe-id';
import { TrustDomain } from './trust-domain';

const VALID = 'spiffe://sallyport.internal/ns/sallyport/sa/orders-service';

const PATH_CHARACTERS = Array.from(
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-',
);
const segment = fc
  .string({ unit: fc.constantFrom(...PATH_CHARACTERS), minLength: 1, maxLength: 20 })
  .filter((text) => text !== '.' && text !== '..');
const trustDomainName = fc.string({
  unit: fc.constantFrom(...PATH_CHARACTERS.filter((c) => c === c.toLowerCase())),
  minLength: 1,
  maxLength: 40,
});
const validUri = fc
  .tuple(trustDomainName, fc.array(segment, { maxLength: 6 }))
  .map(([name, segments]) => ['spiffe:/', name, ...segments].join('/'));

describe('SpiffeId', () => {
  it.each([
    ['an empty string', '', 'spiffe_id_scheme'],
    ['another scheme', 'https://sallyport.internal/sa/x', 'spiffe_id_scheme'],
    ['an upper-case scheme', 'SPIFFE://sallyport.internal/sa/x', 'spiffe_id_scheme'],
    ['a leading space', ` ${VALID}`, 'spiffe_id_scheme'],
    ['no trust domain', 'spiffe:///sa/x', 'trust_domain_empty'],
    ['an upper-case trust domain', 'spiffe://Sallyport.internal/x', 'trust_domain_character'],
    ['a port', 'spiffe://sallyport.internal:443/x', 'trust_domain_character'],
    ['user information', 'spiffe://gateway@sallyport.internal/x', 'trust_domain_character'],
    ['a query without a path', 'spiffe://sallyport.internal?x', 'trust_domain_character'],
    ['a trailing slash', `${VALID}/`, 'spiffe_id_path_segment'],
    ['only a slash', 'spiffe://sallyport.internal/', 'spiffe_id_path_segment'],
    ['an empty segment', 'spiffe://sallyport.internal/ns//x', 'spiffe_id_path_segment'],
    ['a dot segment', 'spiffe://sallyport.internal/ns/./x', 'spiffe_id_path_segment'],
    ['a dot-dot segment', 'spiffe://sallyport.internal/ns/../x', 'spiffe_id_path_segment'],
    ['percent-encoding', 'spiffe://sallyport.internal/%6fx', 'spiffe_id_path_character'],
    ['a query', `${VALID}?a=b`, 'spiffe_id_path_character'],
    ['a fragment', `${VALID}#a`, 'spiffe_id_path_character'],
    ['a NUL', `${VALID}\0`, 'spiffe_id_path_character'],
    ['a line feed at the end', `${VALID}\n`, 'spiffe_id_path_character'],
    ['2049 bytes', `spiffe://a/${'b'.repeat(2038)}`, 'spiffe_id_too_long'],
  ])('refuses %s', (_case, uri, code) => {
    expect(() => SpiffeId.parse(uri)).toThrow(errorWith(code));
  });

  it('refuses every character it does not know, wherever it is put into a valid id', () => {
    const allowed = new Set<string>([...PATH_CHARACTERS, '/']);
    const foreign = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    fc.assert(
      fc.property(validUri, foreign, fc.nat(), (uri, character, position) => {
        fc.pre(!allowed.has(character));
        const at = position % (uri.length + 1);
        const broken = uri.slice(0, at) + character + uri.slice(at);
        expect(() => SpiffeId.parse(broken)).toThrow(SpiffeIdInvalid);
      }),
    );
  });

  it('never normalises: what it accepts, it gives back unchanged', () => {
    const nearly = fc.string({ unit: fc.constantFrom('/', '.', 'a', 'A', '%', ':', '@', '?') });
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
        const uri = `spiffe://${text}`;
        try {
          return SpiffeId.parse(uri).toString() === uri;
        } catch (error) {
          return error instanceof SpiffeIdInvalid;
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['', '.', '..', 'a/b', 'a b', 'ä'])('refuses %j as a service name', (service) => {
    const trustDomain = TrustDomain.parse('sallyport.internal');
    const parts = { trustDomain, namespace: 'sallyport' };
    expect(() => SpiffeId.ofService({ ...parts, service })).toThrow(SpiffeIdInvalid);
    expect(() => SpiffeId.ofService({ trustDomain, namespace: service, service: 'a' })).toThrow(
      SpiffeIdInvalid,
    );
  });

  it('parses every valid id into its parts', () => {
    fc.assert(
      fc.property(validUri, (uri) => {
        const id = SpiffeId.parse(uri);
        expect(`spiffe://${id.trustDomain.toString()}${id.path}`).toBe(uri);
        expect(id.equals(SpiffeId.parse(uri))).toBe(true);
      }),
    );
  });

  it('parses 2048 bytes, names services, and is immutable', () => {
    expect(SpiffeId.parse(`spiffe://a/${'b'.repeat(2037)}`).path).toHaveLength(2038);
    const trustDomain = TrustDomain.parse('sallyport.internal');
    const id = SpiffeId.ofService({
      trustDomain,
      namespace: 'sallyport',
      service: 'orders-service',
    });
    expect(id.toString()).toBe(VALID);
    expect(JSON.stringify({ id })).toBe(`{"id":"${VALID}"}`);
    expect(Object.isFrozen(id)).toBe(true);
    expect(id.equals(SpiffeId.parse(`${VALID}x`))).toBe(false);
  });
});
