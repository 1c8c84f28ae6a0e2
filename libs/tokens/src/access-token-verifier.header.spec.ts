import { Socket } from 'node:net';
import fc from 'fast-check';
import {
  CLAIMS,
  clockAtNow,
  foreignKeys,
  HEADER,
  issuerKeys,
  KID,
  mint,
  publishedKey,
  signRs256,
  verifierOf,
  withHeader,
} from './issuer.fixture';
import type { KeySet } from './key-set';
import { itRefuses, otherKinds, refusalOf, refusedAs, refusedValues } from './refusals.fixture';
import { RemoteKeySet } from './remote-key-set';

/** As text, since some names mean something else in an object literal. */
const after = (member: string) => mint(`{${member},${JSON.stringify(HEADER).slice(1)}`);

describe('AccessTokenVerifier refuses, of references to keys and of extensions,', () => {
  const jwk = publishedKey(foreignKeys.publicKey, KID);
  const jku = 'https://evil.example/jwks';
  const byForeignKey = (input: string) => signRs256(input, foreignKeys.privateKey);
  const rows = [
    ...Object.entries({
      jku: [jku, 'file:///etc/passwd', '', null],
      x5u: ['https://evil.example/chain', '', null],
      jwk: [jwk, publishedKey(issuerKeys.publicKey, KID), {}, null],
      x5c: [['MIIB'], [], null],
      x5t: ['AA', null],
      'x5t#S256': ['AA', null],
      'x5t#S512': ['AA'],
      crit: [
        // Unknown, registered, and not even a list of names.
        ...[['urn:example:unknown'], ['exp'], ['b64'], ['alg'], ['typ', 'kid'], ['crit']],
        ...[[], [''], [7], [['exp']], ['exp', 'exp'], 'exp', '', 7, {}, true, false, null],
      ],
    }).flatMap(([member, values]) =>
      refusedValues(member, 'token_key_reference_refused', withHeader, values),
    ),
    ...refusedAs('token_key_reference_refused', [
      ['a jwk that verifies it', withHeader({ jwk }, byForeignKey)],
      ['a jku for the key that verifies it', withHeader({ jku }, byForeignKey)],
      ['a jku without kid', withHeader({ jku, kid: undefined }, byForeignKey)],
    ]),
  ];
  itRefuses(rows, { lookups: 0 });

  it('each without a fetch or a connection', async () => {
    const fetchKeys = jest.fn(async () => ({ keys: [jwk] }));
    const times = { refreshAfterMs: 1, minFetchIntervalMs: 0, rememberMissMs: 0 };
    const verifier = verifierOf(new RemoteKeySet({ fetchKeys, clock: clockAtNow, ...times }));
    const fetch = jest.spyOn(globalThis, 'fetch');
    const connect = jest.spyOn(Socket.prototype, 'connect');
    for (const [, code, token] of rows) {
      expect((await refusalOf(token, verifier)).code).toBe(code);
    }
    for (const spy of [fetchKeys, fetch, connect]) expect(spy).not.toHaveBeenCalled();
  });
  afterEach(() => jest.restoreAllMocks());
});

describe('AccessTokenVerifier refuses, of further header members,', () => {
  const registered: Readonly<Record<string, unknown>> = {
    ...{ enc: 'A128GCM', zip: 'DEF', epk: {}, apu: 'AA', apv: 'AA', iv: 'AA', tag: 'AA' },
    ...{ p2s: 'AA', p2c: 1, iss: CLAIMS.iss, sub: CLAIMS.sub, aud: CLAIMS.aud, ppt: 'shaken' },
    ...{ url: 'https://localhost', nonce: 'AA', svt: [], trust_chain: [], iheSSId: 'AA' },
  };
  const inherited = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then'];
  const alike = [
    ...['', 'ALG', 'Kid', 'tyP', 'Jku', 'JWK', ' alg', 'alg ', 'alg\0', 'crit\n', '\ufeffalg'],
    ...['\u0430lg', 'al\uff47', 'a\u0301lg', 'alg\u200b', '\ud800'],
  ];
  const withoutAlg = JSON.stringify({ typ: HEADER.typ, kid: KID }).slice(1);
  itRefuses(
    [
      ...refusedValues('cty', 'token_malformed', withHeader, [
        ...['JWT', 'jwt', 'application/jwt', 'at+jwt', '', null],
      ]),
      ...refusedAs('token_malformed', [
        ...Object.entries(registered).map(
          ([member, value]) => [member, withHeader({ [member]: value })] as const,
        ),
        ...[...inherited, ...alike].map((member) => {
          const name = JSON.stringify(member);
          return [name, after(`${name}:"RS256"`)] as const;
        }),
        ['__proto__ with its alg', mint(`{"__proto__":{"alg":"RS256"},${withoutAlg}`)],
        ['a claim', withHeader({ scope: 'keys:manage' })],
        ['one that nobody knows', withHeader({ admin: true })],
      ]),
    ],
    { lookups: 0 },
  );

  it('any name and value, with no search for a key', async () => {
    const { find, verifier } = watched();
    const name = fc.string({ unit: 'binary' }).filter((text) => !Object.hasOwn(HEADER, text));
    await fc.assert(
      fc.asyncProperty(name, fc.jsonValue(), async (member, value) => {
        const token = after(`${JSON.stringify(member)}:${JSON.stringify(value)}`);
        const { code } = await refusalOf(token, verifier);
        expect(['token_malformed', 'token_key_reference_refused']).toContain(code);
      }),
    );
    expect(find).not.toHaveBeenCalled();
  });
});

describe('AccessTokenVerifier refuses, by its type,', () => {
  const others = [
    // ID tokens come as JWT or without a type.
    ...['JWT', 'jwt', 'JWS', 'JOSE', 'JOSE+JSON', 'txntoken+jwt', 'dpop+jwt', 'logout+jwt'],
    ...['secevent+jwt', 'rt+jwt', 'oauth-authz-req+jwt', 'token-introspection+jwt', 'kb+jwt'],
    ...['client-authentication+jwt', 'entity-statement+jwt', 'dc+sd-jwt', 'vc+jwt', 'passport'],
  ];
  const alike = [
    ...['', 'at', 'jwt+at', 'at-jwt', 'at jwt', 'at%2Bjwt', 'at+jwt;v=1', 'at+jwt,JWT', 'at+jwt+x'],
    ...[' at+jwt', 'at+jwt ', 'at+jwt\n', '\nat+jwt', 'at+jwt\0', 'xat+jwt', 'at+jwts', '*/at+jwt'],
    ...['text/at+jwt', 'application/', 'application/application/at+jwt', 'application//at+jwt'],
    ...['\u0430t+jwt', 'at\uff0bjwt', 'at+\uff4awt', 'appl\u0131cation/at+jwt', '\ufeffat+jwt'],
  ];
  itRefuses(
    [
      ...otherKinds('typ', 'token_type_wrong', withHeader),
      ...refusedValues('typ', 'token_type_wrong', withHeader, [['at+jwt'], { typ: 'at+jwt' }]),
      ...refusedValues('typ', 'token_type_wrong', withHeader, [...others, ...alike]),
    ],
    { lookups: 0 },
  );

  it('any other value, with no search for a key', async () => {
    const { find, verifier } = watched();
    const isRight = (typ: unknown) =>
      typeof typ === 'string' && ['at+jwt', 'application/at+jwt'].includes(typ.toLowerCase());
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue().filter((typ) => !isRight(typ)),
        async (typ) => {
          expect((await refusalOf(withHeader({ typ }), verifier)).code).toBe('token_type_wrong');
        },
      ),
    );
    expect(find).not.toHaveBeenCalled();
  });

  it.each(['application/at+jwt', 'AT+JWT', 'Application/At+Jwt'])('but not %s', async (typ) => {
    await expect(verifierOf().verify(withHeader({ typ }))).resolves.toBeDefined();
  });
});

describe('AccessTokenVerifier refuses, of key ids,', () => {
  itRefuses(
    [
      ...otherKinds('kid', 'token_malformed', withHeader, ['a text']),
      ...refusedValues('kid', 'token_malformed', withHeader, [[KID], { kid: KID }, 2030.01]),
      ...refusedValues('kid', 'token_malformed', withHeader, [
        ...['', ' ', '../../dev/null', '/etc/passwd', '..\\..\\secret', '%2e%2e%2fsecret'],
        ...['file:///dev/null', 'https://evil.example/key', '*', '*)(uid=*', '${7*7}', '{{7*7}}'],
        ...["x' OR '1'='1", 'x"; DROP TABLE keys; --', "' UNION SELECT 'key", '$(id)', '`id`'],
        ...[` ${KID}`, `${KID} `, `${KID}\n`, `\n${KID}`, `${KID}\r\nx-user-id: admin`, `${KID}\0`],
        ...[`${KID},${KID}`, `"${KID}"`, `${KID}#`, `${KID}\u200b`, `\ufeff${KID}`, `${KID}\u0301`],
        ...[KID.replace('a', '\u0430'), KID.replace('a', '\uff41'), `\u202e${KID}`, '\ud800'],
        'k'.repeat(129),
      ]),
    ],
    { lookups: 0 },
  );

  const unknown = [
    ...['other', '.', '..', 'null', 'undefined', '0', 'k'.repeat(128)],
    ...[KID.toUpperCase(), KID.slice(0, -1), `${KID}.`, `${KID}${KID}`, KID.replace('-', '_')],
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'size'],
  ];
  itRefuses(refusedValues('kid', 'token_key_unknown', withHeader, unknown), { lookups: 1 });
});

function watched() {
  const find = jest.fn<ReturnType<KeySet['find']>, [string]>();
  return { find, verifier: verifierOf({ version: 0, find }) };
}
