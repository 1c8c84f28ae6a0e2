import { ServiceError } from '@sallyport/nest-zero-trust';
import fc from 'fast-check';
import { parseEmailAddress } from './email-address';

const longLocalPart = 'a'.repeat(64);
const longDomain = [61, 61, 62].map((length) => 'd'.repeat(length)).join('.');

describe('parseEmailAddress', () => {
  it.each([
    ['nothing', ''],
    ['only white space', '   '],
    ['no at sign', 'alice.example.com'],
    ['two at signs', 'alice@home@example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'alice@'],
    ['a domain of one label', 'alice@localhost'],
    ['an address literal', 'alice@[127.0.0.1]'],
    ['an IP address as domain', 'alice@127.0.0.1'],
    ['a quoted local part', '"alice smith"@example.com'],
    ['white space inside', 'alice smith@example.com'],
    ['a line break inside', 'alice\n@example.com'],
    ['a control character', 'alice\u0000@example.com'],
    ['an invisible character', 'alice\u200b@example.com'],
    ['a display name', 'Alice <alice@example.com>'],
    ['a leading dot', '.alice@example.com'],
    ['a trailing dot', 'alice.@example.com'],
    ['two dots in a row', 'alice..smith@example.com'],
    ['a label that starts with a hyphen', 'alice@-example.com'],
    ['a label that ends with a hyphen', 'alice@example-.com'],
    ['an empty label', 'alice@example..com'],
    ['a label of 64 characters', `alice@${'d'.repeat(64)}.com`],
    ['a local part of 65 bytes', `${longLocalPart}a@example.com`],
    ['255 bytes in all', `${longLocalPart}@${longDomain}.com`],
    ['a megabyte', `${'a'.repeat(1_000_000)}@example.com`],
  ])('refuses %s', (_name, presented) => {
    expect(() => parseEmailAddress(presented)).toThrow(
      expect.objectContaining({ status: 'INVALID_ARGUMENT', reason: 'email_invalid' }) as Error,
    );
  });

  it.each([
    ['alice@example.com', 'alice@example.com'],
    [' Alice@Example.COM\t', 'alice@example.com'],
    ['alice+orders@mail.example.co.uk', 'alice+orders@mail.example.co.uk'],
    ["o'hara@example.com", "o'hara@example.com"],
    ['zoe\u0308@example.com', 'zo\u00eb@example.com'],
    ['JOS\u00c9@ex\u00c4mple.com', 'jos\u00e9@ex\u00e4mple.com'],
    [`${longLocalPart}@example.com`, `${longLocalPart}@example.com`],
  ])('takes %j as %j', (presented, address) => {
    expect(parseEmailAddress(presented)).toBe(address);
  });

  it('leaves an address it has given as it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.emailAddress(),
          fc.string({ unit: 'grapheme' }).map((s) => `${s}@example.com`),
        ),
        (presented) => {
          const first = parsed(presented);
          if (first !== undefined) expect(parsed(first)).toBe(first);
        },
      ),
    );
  });
});

function parsed(presented: string): string | undefined {
  try {
    return parseEmailAddress(presented);
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    return undefined;
  }
}
