import type { EmailAddress } from '../accounts/email-address';
import type { MailKind } from './mail-kind';
import { writeMail } from './mail-text';

const KINDS: readonly MailKind[] = [
  ...(['password_reset', 'password_was_reset', 'password_changed'] as const),
  ...(['registration', 'registration_repeated'] as const),
  ...(['factor_enrolled', 'factor_removed'] as const),
  ...(['recovery_codes_regenerated', 'recovery_code_used'] as const),
];

const mailOf = (kind: MailKind, to = 'ada@example.com') =>
  writeMail({
    id: 'an-id',
    kind,
    to: to as EmailAddress,
    at: new Date('2026-11-26T18:00:00Z'),
    secret: 's'.repeat(43),
    issuer: 'https://localhost:8443',
  });

describe.each(KINDS)('a mail about %s', (kind) => {
  it('loads nothing, runs nothing, and links to this system alone', () => {
    const { html, text } = mailOf(kind);
    expect(html).not.toMatch(/<(?:img|script|link|style|iframe)|src=|url\(/i);
    const links = [...`${html}\n${text}`.matchAll(/https?:\/\/[^/\s"<]+/g)].map(([link]) => link);
    expect(new Set(links)).toEqual(new Set(['https://localhost:8443']));
  });

  it('shows what others have written as text', () => {
    // No address that was parsed holds a bracket; the page does not rely on it.
    const { html, subject } = mailOf(kind, 'a<b>&@example.com');
    expect(html).toContain('a&lt;b&gt;&amp;@example.com');
    expect(subject).toMatch(/^[\w ]+$/);
  });

  it('has no secret in a query, which servers log', () => {
    const { html, text } = mailOf(kind);
    expect(html + text).not.toMatch(/\?\S*s{43}/);
    expect(text.includes('s'.repeat(43))).toBe(
      kind === 'password_reset' || kind === 'registration',
    );
  });
});
