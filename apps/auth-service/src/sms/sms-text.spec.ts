import { smsText } from './sms-text';

it('begins with the code and ends with what binds it to the origin; there is nothing to follow', () => {
  const text = smsText('012345', 'https://id.example:8443');
  expect(text).toMatch(/^012345 /);
  expect(text).toMatch(/\n@id\.example #012345$/);
  expect(text).not.toMatch(/:\/\/|www\./);
});

it('fits into one message of plain characters', () => {
  const text = smsText('012345', 'https://localhost:8443');
  expect(text.length).toBeLessThanOrEqual(160);
  expect(text).toMatch(/^[\n\x20-\x5a\x61-\x7a]+$/);
});
