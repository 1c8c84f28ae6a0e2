import { maskedPhoneNumber, parsePhoneNumber } from './phone-number';

const SERVED = new Set(['US', 'DE', 'GB']);

describe('parsePhoneNumber', () => {
  it.each([
    ['nothing', ''],
    ['no number', 'call me'],
    ['a number without country', '015123456789'],
    ['a number with an international prefix instead of +', '004915123456789'],
    ['a short code', '+112'],
    ['a landline', '+4930123456'],
    ['a premium number', '+19005550123'],
    ['a premium number of another country', '+449098790000'],
    ['an international premium number', '+979123456789'],
    ['a toll-free number', '+18005550199'],
    ['a satellite network', '+88299123456'],
    ['a number that no network has', '+442079460958'],
    ['a country that is not served', '+33612345678'],
    ['a country that is not served, of a calling code that is', '+18765550123'],
    ['an extension', '+12025550123 ext 5'],
    ['a URI', 'tel:+12025550123'],
    ['parameters', '+12025550123;phone-context=+1'],
    ['two numbers', '+12025550123,+12025550124'],
    ['a digit too many', '+120255501234'],
    ['a line break', '+12025550123\nBody=x'],
    ['digits of another script', '+١٢٠٢٥٥٥٠١٢٣'],
    ['an endless number', `+1${'2'.repeat(40)}`],
  ])('takes %s for none', (_name, presented) => {
    expect(parsePhoneNumber(presented, SERVED)).toBeUndefined();
  });

  it.each([
    ['+12025550123', '+12025550123', '+1 … 23'],
    [' +1 (202) 555-0123', '+12025550123', '+1 … 23'],
    ['+49 1512 3456789', '+4915123456789', '+49 … 89'],
  ])('parses %s, and shows little of it', (presented, number, masked) => {
    const parsed = parsePhoneNumber(presented, SERVED);
    expect(parsed).toBe(number);
    expect(parsed && maskedPhoneNumber(parsed)).toBe(masked);
  });

  it('takes every country where that is allowed', () => {
    expect(parsePhoneNumber('+33612345678', 'every')).toBe('+33612345678');
  });
});
