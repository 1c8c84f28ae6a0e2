import { randomUUID } from 'node:crypto';
import {
  parsePartnerId,
  parsePartnerName,
  parsePartnerScopes,
  parseRequestsPerMinute,
} from './partner';

describe('a partner is refused', () => {
  it.each<[string, (text: string) => unknown, readonly string[]]>([
    [
      'partner_id_invalid',
      parsePartnerId,
      [
        ...['', 'Acme', 'acme ltd', '-acme', 'acme-', 'ac--me', 'acme.example', 'acme\n', 'acmé'],
        ...['a'.repeat(64), 'sallyport', 'sallyport-web', randomUUID()],
      ],
    ],
    [
      'partner_name_invalid',
      parsePartnerName,
      ['', ' ', 'a\nb', 'a\u001b[2J', 'a\u202eb', 'a\u0000', 'a\u2028b', 'é'.repeat(101)],
    ],
    ['scopes_invalid', parsePartnerScopes, ['', ' ', ',', 'a"b', 'a\\b', 'a\0b', 'é']],
    [
      'limit_invalid',
      parseRequestsPerMinute,
      ['', '0', '-1', '1.5', '1e3', '01', ' 1', '0x10', 'None', '1000001'],
    ],
  ])('as %s', (reason, parse, texts) => {
    for (const text of texts) {
      expect(() => parse(text)).toThrow(
        expect.objectContaining({ status: 'INVALID_ARGUMENT', reason }) as Error,
      );
    }
  });
});

describe('a partner may', () => {
  it.each(['acme', 'a', '0', 'acme-eu-2', 'a'.repeat(63), 'sallyports'])('be called %s', (id) => {
    expect(parsePartnerId(id)).toBe(id);
  });

  it('have a name in any script, and scopes with spaces or commas between them', () => {
    expect(parsePartnerName(' Zażółć & Söhne 株式会社 ')).toBe('Zażółć & Söhne 株式会社');
    expect(parsePartnerScopes(' orders:read,billing:read  orders:read ')).toEqual([
      'orders:read',
      'billing:read',
    ]);
  });

  it('have a limit of its own or the usual one', () => {
    expect(['none', '1', '1000000'].map(parseRequestsPerMinute)).toEqual([undefined, 1, 1_000_000]);
  });
});
