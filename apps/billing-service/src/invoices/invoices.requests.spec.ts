import { parseInvoiceId, parseOrderId, parseTerms } from './invoices.requests';

const ID = '7d2f1f43-6a57-4d0c-9f3c-0f0a3f0f6a11';
const MALFORMED = ['', 'x', '7d2f1f436a574d0c9f3c0f0a3f0f6a11', `${ID}'`, `{${ID}}`, `${ID}\n`];

/** What was thrown. */
function refusalOf(action: () => unknown): unknown {
  try {
    return { accepted: action() };
  } catch (error) {
    return error;
  }
}

describe('parseInvoiceId', () => {
  test.each(MALFORMED)('answers %p like an invoice that does not exist', (text) => {
    expect(refusalOf(() => parseInvoiceId(text))).toMatchObject({
      status: 'NOT_FOUND',
      reason: 'invoice_not_found',
    });
  });

  test('accepts an id', () => {
    expect(parseInvoiceId(ID)).toBe(ID);
  });
});

describe('parseOrderId', () => {
  test.each(MALFORMED)('refuses %p', (text) => {
    expect(refusalOf(() => parseOrderId(text))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'order_id_invalid',
    });
  });

  test('accepts an id', () => {
    expect(parseOrderId(ID)).toBe(ID);
  });
});

describe('parseTerms', () => {
  test.each([
    ['no total', undefined],
    ['an amount of nothing', { amount: 0, currency: 'EUR' }],
    ['a negative amount', { amount: -1, currency: 'EUR' }],
    ['no currency', { amount: 1, currency: '' }],
    ['a currency that is none', { amount: 1, currency: 'eur' }],
    ['a currency with a tail', { amount: 1, currency: 'EUR\n' }],
  ])('refuses %s', (_name, total) => {
    expect(refusalOf(() => parseTerms(total))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'total_invalid',
    });
  });

  test('accepts a positive amount of a currency', () => {
    expect(parseTerms({ amount: 1, currency: 'EUR' })).toEqual({ amount: 1, currency: 'EUR' });
  });
});
