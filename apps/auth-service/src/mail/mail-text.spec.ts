import type { EmailAddress } from '../accounts/email-address';
import type { MailKind } from './mail-kind';
import { writeMail } from './mail-text';

const EACH: Readonly<Record<MailKind, true>> = {
  password_reset: true,
  account_secured: true,
  account_secured_factors_removed: true,
  registration: true,
  registration_repeated: true,
  password_was_reset: true,
  password_changed: true,
  factor_enrolled: true,
  factor_removed: true,
  passkey_suspected: true,
  phone_enrolled: true,
  phone_removed: true,
  recovery_codes_regenerated: true,
  recovery_code_used: true,
  new_sign_in: true,
  password_sign_in_locked: true,
  second_factor_locked: true,
};
const KINDS = Object.keys(EACH) as MailKind[];

const mailOf = (kind: MailKind, to = 'ada@example.com') =>
  writeMail({
    id: 'an-id',
    kind,
    to: to as EmailAddress,
    at: new Date('2026-11-26T18:00:00Z'),
    details: { device: 'Firefox on Linux', from: '192.0.2.x' },
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
  });

  it('brings one link with a secret: to go on, or to say that it was not the owner', () => {
    const isReset = /^password_reset$|^account_secured/.test(kind);
    const page = isReset ? 'reset' : kind === 'registration' ? 'confirm' : 'not-me';
    const link = `https://localhost:8443/auth/${page}#token=${'s'.repeat(43)}`;
    const links = [...mailOf(kind).text.matchAll(/https:\S+#\S+/g)].map(([link]) => link);
    // Nothing has happened of which somebody could say that it was not them.
    expect(links).toEqual(kind === 'registration_repeated' ? [] : [link]);
  });
});
