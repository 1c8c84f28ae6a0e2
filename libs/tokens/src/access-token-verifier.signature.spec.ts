import { constants, createHash, privateEncrypt } from 'node:crypto';
import fc from 'fast-check';
import {
  CLAIMS,
  encoded,
  HEADER,
  issuerKeys,
  KID,
  mint,
  segmentsOf,
  signRs256,
  withClaims,
  type Signature,
} from './issuer.fixture';
import { itRefuses, refusalOf, refusedAs } from './refusals.fixture';

const TOKEN = mint();
const [header, payload, signature] = segmentsOf(TOKEN);
const signedBy = (signatureOf: Signature) => mint(HEADER, CLAIMS, signatureOf);
const sha256 = (input: string | Buffer) => createHash('sha256').update(input).digest();

/** RSASSA-PKCS1-v1_5 by hand (RFC 8017 section 9.2), so that one part of the encoded message can be wrong. */
function builtBy({
  type = 1,
  filler = 0xff,
  info = '3031300d060960864801650304020105000420',
  digestOf = sha256,
  trailing = 0,
}): string {
  return signedBy((input) => {
    const content = Buffer.concat([Buffer.from(info, 'hex'), digestOf(input)]);
    const padding = Buffer.alloc(253 - content.length - trailing, filler);
    const parts = [
      Buffer.from([0, type]),
      padding,
      Buffer.alloc(1),
      content,
      Buffer.alloc(trailing),
    ];
    const key = { key: issuerKeys.privateKey, padding: constants.RSA_NO_PADDING };
    return privateEncrypt(key, Buffer.concat(parts));
  });
}

describe('AccessTokenVerifier refuses a signature whose message has', () => {
  itRefuses(
    refusedAs('token_signature_invalid', [
      ['no digest info', builtBy({ info: '' })],
      ['the digest info of SHA3-256', builtBy({ info: '3031300d060960864801650304020805000420' })],
      ['a digest info without parameters', builtBy({ info: '302f300b06096086480165030402010420' })],
      ['a digest of the digest', builtBy({ digestOf: (input) => sha256(sha256(input)) })],
      ['bytes after the digest', builtBy({ trailing: 32 })],
      ['no more padding than it must, and bytes after the digest', builtBy({ trailing: 194 })],
      ['padding of zeroes', builtBy({ filler: 0 })],
      ['block type 0', builtBy({ type: 0 })],
      ['block type 2', builtBy({ type: 2 })],
    ]),
    { lookups: 1, unbroken: builtBy({}) },
  );
});

describe('AccessTokenVerifier refuses a signature over', () => {
  const otherwise = { kid: KID, typ: 'at+jwt', alg: 'RS256' };
  const of = (input: string) => signedBy(() => signRs256(input));
  const joined = (first: string, second: string) => `${first}.${second}.${signature}`;
  itRefuses(
    refusedAs('token_signature_invalid', [
      ['the header alone', of(header)],
      ['the payload alone', of(payload)],
      ['both in the other order', of(`${payload}.${header}`)],
      ['both without the dot', of(header + payload)],
      ['both and a dot', of(`${header}.${payload}.`)],
      ['the payload before it is encoded', of(`${header}.${JSON.stringify(CLAIMS)}`)],
      ['the texts of both', of(`${JSON.stringify(HEADER)}.${JSON.stringify(CLAIMS)}`)],
      ['the empty text', of('')],
      ['another token', joined(header, segmentsOf(withClaims({ jti: 'other' }))[1])],
      ['a narrower scope', joined(header, segmentsOf(withClaims({ scope: 'keys:manage' }))[1])],
      ['the same claims, spaced', joined(header, encoded(JSON.stringify(CLAIMS, null, 1)))],
      ['the same header, in other order', joined(encoded(otherwise), payload)],
      ['the other kid', joined(encoded({ ...HEADER, kid: 'second' }), payload)],
    ]),
    { lookups: 1 },
  );
});

describe('AccessTokenVerifier refuses a signature that is', () => {
  const bytes = Buffer.from(signature, 'base64url');
  const { n = '' } = issuerKeys.publicKey.export({ format: 'jwk' });
  const toNumber = (of: Buffer) => BigInt(`0x${of.toString('hex')}`);
  const modulus = toNumber(Buffer.from(n, 'base64url'));
  const toBytes = (of: bigint) => Buffer.from(of.toString(16).padStart(512, '0'), 'hex');
  const withBytes = (of: Buffer) => `${header}.${payload}.${encoded(of)}`;
  /** A valid token whose signature is of that kind, with another one made from it. */
  function rewritten(isWanted: (own: Buffer) => boolean, rewrite: (own: Buffer) => Buffer): string {
    for (let attempt = 0; ; attempt += 1) {
      const segments = segmentsOf(withClaims({ jti: `token-${attempt}` }));
      const own = Buffer.from(segments[2], 'base64url');
      if (isWanted(own)) return `${segments[0]}.${segments[1]}.${encoded(rewrite(own))}`;
    }
  }
  const startsWithZero = (own: Buffer) => own[0] === 0;
  const leavesRoom = (own: Buffer) => toNumber(own) + modulus < 2n ** 2048n;
  const plusModulus = (own: Buffer) => toBytes(toNumber(own) + modulus);

  itRefuses(
    refusedAs('token_signature_invalid', [
      ['one byte', withBytes(Buffer.from([1]))],
      ['a byte short', withBytes(bytes.subarray(0, -1))],
      ['a byte short in front', withBytes(bytes.subarray(1))],
      ['half', withBytes(bytes.subarray(0, 128))],
      ['a byte longer', withBytes(Buffer.concat([bytes, Buffer.alloc(1)]))],
      ['a zero longer in front', withBytes(Buffer.concat([Buffer.alloc(1), bytes]))],
      ['twice itself', withBytes(Buffer.concat([bytes, bytes]))],
      ['without its leading zero', rewritten(startsWithZero, (own) => own.subarray(1))],
      ['the other way round', withBytes(Buffer.from(bytes).reverse())],
      ['inverted', withBytes(Buffer.from(bytes.map((byte) => ~byte)))],
      ['all zeroes', withBytes(Buffer.alloc(256))],
      ['all ones', withBytes(Buffer.alloc(256, 0xff))],
      ['the number one', withBytes(toBytes(1n))],
      ['the modulus', withBytes(toBytes(modulus))],
      ['the modulus less one', withBytes(toBytes(modulus - 1n))],
      ['itself and the modulus', rewritten(leavesRoom, plusModulus)],
      ['the modulus less itself', withBytes(toBytes(modulus - toNumber(bytes)))],
      ['the digest', signedBy((input) => createHash('sha256').update(input).digest())],
      ['in DER', withBytes(Buffer.concat([Buffer.from('04820100', 'hex'), bytes]))],
      ['its own base64url', withBytes(Buffer.from(signature))],
      [
        'the signature of another token',
        `${header}.${payload}.${segmentsOf(withClaims({ jti: 'other' }))[2]}`,
      ],
    ]),
    { lookups: 1 },
  );

  it('one bit off', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2047), async (bit) => {
        const other = Buffer.from(bytes);
        other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect((await refusalOf(withBytes(other))).code).toBe('token_signature_invalid');
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (other) => {
        const { code } = await refusalOf(withBytes(Buffer.from(other)));
        expect(code).toBe('token_signature_invalid');
      }),
    );
  });
});

describe('AccessTokenVerifier refuses', () => {
  it('any token with one character changed, removed or added', async () => {
    const characters = fc.constantFrom(...Array.from('ABCDEFwxyz0189-_.=+/ \n"{\u0100'));
    const position = fc.nat(TOKEN.length - 1);
    const edit = fc.constantFrom('change', 'remove', 'add');
    await fc.assert(
      fc.asyncProperty(position, characters, edit, async (at, character, kind) => {
        const rest = TOKEN.slice(kind === 'add' ? at : at + 1);
        const mutated = TOKEN.slice(0, at) + (kind === 'remove' ? '' : character) + rest;
        fc.pre(mutated !== TOKEN);
        await refusalOf(mutated);
      }),
      { numRuns: 400 },
    );
  });
});
