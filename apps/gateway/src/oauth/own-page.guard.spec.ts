import { isOfOwnPage } from './own-page.guard';

const OWN = 'https://localhost:8443';

describe('isOfOwnPage', () => {
  it.each<[what: string, headers: Record<string, string>]>([
    ['that does not say', {}],
    ['that says so by its site alone', { 'sec-fetch-site': 'same-origin' }],
    ['of another site', { origin: 'https://attacker.example' }],
    ['of a sibling host', { origin: 'https://app.localhost:8443', 'sec-fetch-site': 'same-site' }],
    ['of another port', { origin: 'https://localhost:8447' }],
    ['of plain HTTP', { origin: 'http://localhost:8443' }],
    ['without an origin', { origin: 'null' }],
    ['that a browser calls same-site', { origin: OWN, 'sec-fetch-site': 'same-site' }],
    ['that a browser calls cross-site', { origin: OWN, 'sec-fetch-site': 'cross-site' }],
    ['from the address bar', { origin: OWN, 'sec-fetch-site': 'none' }],
  ])('refuses one %s', (_, headers) => {
    expect(isOfOwnPage(headers, OWN)).toBe(false);
  });

  it.each<[what: string, headers: Record<string, string>]>([
    ['a browser', { origin: OWN, 'sec-fetch-site': 'same-origin' }],
    ['a browser without Sec-Fetch-Site', { origin: OWN }],
  ])('lets through what %s submits from a page here', (_, headers) => {
    expect(isOfOwnPage(headers, OWN)).toBe(true);
  });
});
