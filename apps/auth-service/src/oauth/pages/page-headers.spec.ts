import { pageHeaders } from './page-headers';

const policyOf = (redirectUri?: string) => pageHeaders(redirectUri)['content-security-policy'];

describe('pageHeaders', () => {
  it.each([
    [undefined, "form-action 'self'"],
    ['https://app.example/callback?a=b', "form-action 'self' https://app.example"],
    ['https://localhost:8447/', "form-action 'self' https://localhost:8447"],
    ['http://127.0.0.1:5000/callback', "form-action 'self' http://127.0.0.1:5000"],
    ['http://[::1]:5000/callback', "form-action 'self' http:"],
    ['com.example.app:/callback', "form-action 'self' com.example.app:"],
  ])('lets a form lead on to %s, and nowhere else', (redirectUri, action) => {
    expect(policyOf(redirectUri)).toMatch(new RegExp(`; ${action.replace(/[[\].]/g, '\\$&')}$`));
  });

  it('adds no directive of the client’s choice', () => {
    expect(policyOf("https://app.example/;script-src 'unsafe-inline'")).not.toContain('script-src');
  });

  it('lets a script of ours run where a page has one, which connects to nobody', () => {
    const policy = pageHeaders(undefined, { hasScript: true })['content-security-policy'];
    expect(policy).toContain("default-src 'none';");
    expect(policy).toContain("; script-src 'self';");
    expect(policyOf()).not.toContain('script-src');
  });

  it('loads nothing but the style sheet, and is framed by nobody', () => {
    expect(policyOf()).toMatch(/^default-src 'none'; style-src 'self';.* frame-ancestors 'none';/);
  });
});
