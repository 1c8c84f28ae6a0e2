import type { MfaMethod } from '../../mfa/second-factor';
import { accountPage } from './account.page';
import { codePage } from './code.page';
import { consentPage } from './consent.page';
import { errorPage } from './error.page';
import { newPasskeyPage } from './new-passkey.page';
import { signInPage } from './sign-in.page';
import { userAgentWords } from './user-agent-words';

const METHODS = ['totp', 'passkey', 'sms', 'recovery_code'] as const;
const MARKUP = `"><script>alert('1')</script>`;
const CONSENT = {
  path: '/oauth2/interaction/uid',
  clientName: 'An app',
  email: 'alice@example.com',
  redirectUri: 'https://app.example/callback',
  scopes: ['openid', 'orders:read'],
};
const now = new Date('2026-05-01T10:00:00Z');
const consents = [
  { clientId: MARKUP, clientName: MARKUP, scopes: [MARKUP], since: now, lastUsedAt: now },
];
const sessions = [
  {
    ...{ id: 'id', clientName: MARKUP, userAgent: MARKUP, clientAddress: MARKUP },
    ...{ createdAt: now, lastUsedAt: now, isThisBrowser: true },
  },
];
const passkey = {
  ...{ id: 'id', accountId: 'account', credentialId: Buffer.of(1), publicKey: Buffer.of(1) },
  ...{ signCount: 0, transports: [], aaguid: MARKUP, backupEligible: true, backedUp: true },
  ...{ name: MARKUP, createdAt: now, lastUsedAt: undefined, suspectedCloneAt: undefined },
  needsPassword: false,
};
const NO_OPTIONS = { passkeyOptions: '{}' };
const OWN_SCRIPT = '<script src="/oauth2/passkey.js" defer></script>';

const security = {
  passwordChangedAt: now,
  factors: [
    { id: 'id', type: 'totp' as const, name: MARKUP, enrolledAt: now, lastUsedAt: undefined },
  ],
  recoveryCodesLeft: 7,
  events: [
    {
      ...{ reason: MARKUP, title: MARKUP, outcome: 'refused' as const, at: now, from: MARKUP },
      ...{ isByOperator: false, pageToken: MARKUP },
    },
  ],
};

const ACCOUNT = {
  ...{ email: MARKUP, consents, sessions, ...security, passkeys: [passkey], isOnlyFactor: false },
  formToken: MARKUP,
};

describe('what others wrote is text', () => {
  it.each<[page: string, text: string]>([
    [
      'sign-in',
      signInPage({
        path: '/p',
        clientName: MARKUP,
        email: MARKUP,
        error: MARKUP,
        passkeyOptions: MARKUP,
      }),
    ],
    [
      'code',
      codePage({
        path: '/p',
        clientName: MARKUP,
        error: MARKUP,
        methods: METHODS,
        passkeyOptions: MARKUP,
      }),
    ],
    ['consent', consentPage({ ...CONSENT, clientName: MARKUP, email: MARKUP, scopes: [MARKUP] })],
    ['error', errorPage(MARKUP, MARKUP)],
    ['account', accountPage(ACCOUNT)],
    [
      'new passkey',
      newPasskeyPage({ options: MARKUP, formToken: MARKUP, name: MARKUP, error: MARKUP }),
    ],
  ])('on the page %s', (_, text) => {
    expect(text.replace(OWN_SCRIPT, '')).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;');
  });
});

describe('the code page', () => {
  it.each([
    ['totp', 'code', false],
    ['sms', 'sms-code', false],
    ['recovery_code', 'recovery-code', true],
  ])('says of a refused %s which field it is about, and has it in view', (method, id, isOpen) => {
    const text = codePage({
      path: '/p',
      methods: METHODS,
      isMessageSent: true,
      method,
      error: 'No.',
    });
    const refused = (text.match(/<input[^>]*>/g) ?? []).filter((each) => each.includes('invalid'));
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatch(new RegExp(`id="${id}"[^]*aria-describedby="refusal"[^]*autofocus`));
    expect(/<details\s+open/.test(text)).toBe(isOpen);
  });
});

describe('passkeys', () => {
  const codes = { path: '/p', methods: METHODS };

  it.each<[page: string, text: string]>([
    ['the sign-in page', signInPage({ path: '/p', ...NO_OPTIONS })],
    ['the code page', codePage({ ...codes, ...NO_OPTIONS })],
    ['the page to add one', newPasskeyPage({ options: '{}', formToken: 'token' })],
  ])('are asked for on %s by a form that shows only where they work', (_, text) => {
    expect(text).toMatch(/<form[^>]*data-passkey[^>]*hidden/);
    expect(text).toContain(OWN_SCRIPT);
  });

  it.each<[page: string, text: string]>([
    ['code page of an account without one', codePage({ ...codes, methods: ['totp'] })],
    ['account page', accountPage(ACCOUNT)],
    ['consent page', consentPage(CONSENT)],
  ])('bring no script onto the %s', (_, text) => {
    expect(text).not.toContain('<script');
  });

  it.each<
    [
      methods: readonly MfaMethod[],
      isMessageSent: boolean,
      title: string,
      first: string | undefined,
    ]
  >([
    [['totp', 'passkey', 'recovery_code'], false, 'Enter your code', 'code'],
    [['passkey', 'sms', 'recovery_code'], true, 'Enter your code', 'sms-code'],
    [['passkey', 'sms', 'recovery_code'], false, 'Enter your code', undefined],
    [['passkey', 'recovery_code'], false, 'Show that it is you', undefined],
    [['recovery_code'], false, 'Show that it is you', 'recovery-code'],
  ])('stand beside typed codes: of %s, sent: %s', (methods, isMessageSent, title, first) => {
    const text = codePage({ path: '/p', methods, isMessageSent, ...NO_OPTIONS });
    expect(text).toContain(`<h1>${title}</h1>`);
    const focused = /<input[^>]*id="([^"]*)"[^>]*autofocus/.exec(text)?.[1];
    expect(focused).toBe(first);
    expect(text.includes('<details open>')).toBe(first === 'recovery-code');
  });

  it('are counted among the ways to sign in, and named once', () => {
    const enrolledAt = now;
    const named = { id: 'id', type: 'passkey' as const, name: 'my key', enrolledAt };
    const factors = [{ ...named, lastUsedAt: undefined }];
    const text = accountPage({ ...ACCOUNT, factors, passkeys: [{ ...passkey, name: 'my key' }] });
    expect(text).toContain('<h3>1 passkey</h3>');
    expect(text.match(/<h3>[^<]*my key/g)).toHaveLength(1);
  });

  it('are the way to go on for who has no app, and asks for no six digits then', () => {
    const text = codePage({ path: '/p', methods: ['passkey', 'recovery_code'], ...NO_OPTIONS });
    expect(text).not.toContain('Six-digit');
    expect(text).toMatch(/class="main"[^<]*Use a passkey/);
  });

  it.each([true, false])('take the password to go where they are the only factor: %s', (isOnly) => {
    const text = accountPage({ ...ACCOUNT, isOnlyFactor: isOnly });
    expect(text.includes('type="password"')).toBe(isOnly);
  });

  it('say that they may have been copied', () => {
    const suspected = { ...passkey, suspectedCloneAt: now };
    const text = accountPage({ ...ACCOUNT, passkeys: [suspected] });
    expect(text).toContain('May have been copied');
    expect(accountPage(ACCOUNT)).not.toContain('May have been copied');
  });
});

describe('the code page of somebody whose phone is sent codes', () => {
  const inputs = (text: string) => text.match(/<input[^>]*name="code"[^>]*>/g) ?? [];

  it('offers a message by a form alone, and asks for its code once it was sent', () => {
    const methods = ['sms', 'recovery_code'] as const;
    const before = codePage({ path: '/p', methods });
    expect(before).toContain('Send me a text message');
    expect(before).not.toContain('<script');
    expect(inputs(before)).toHaveLength(1);
    const after = codePage({ path: '/p', methods, isMessageSent: true });
    expect(inputs(after)[0]).toMatch(
      /id="sms-code"[^]*inputmode="numeric"[^]*autocomplete="one-time-code"[^]*autofocus/,
    );
  });

  it('offers none to anybody else', () => {
    const text = codePage({ path: '/p', methods: ['totp', 'recovery_code'] });
    expect(text).not.toContain('text message');
  });
});

describe('the consent page', () => {
  const text = (changes: Partial<typeof CONSENT> = {}) =>
    consentPage({ ...CONSENT, ...changes }).replace(/\s+/g, ' ');

  it('says what is allowed, to whom, and by whom', () => {
    expect(text()).toContain('See your orders');
    expect(text()).toContain('The answer goes to <strong>app.example</strong>.');
    expect(text()).toContain('alice@example.com');
  });

  it('lists scopes in one order, whatever the order they come in', () => {
    const scopes = ['orders:read', 'email', 'openid'];
    const listed = text({ scopes }).match(/<li>[^<]*/g);
    expect(listed).toEqual(text({ scopes: scopes.toReversed() }).match(/<li>[^<]*/g));
    expect(listed?.[0]).toBe('<li>Know which account is yours');
  });

  it.each([
    ['http://127.0.0.1:5000/callback', '127.0.0.1:5000'],
    ['com.example.app:/callback', 'com.example.app'],
  ])('calls who answers at %s an application on this device', (redirectUri, name) => {
    expect(text({ redirectUri })).toMatch(
      new RegExp(`an application on this device, by way of <strong>${name}</strong>`),
    );
  });

  it('has nothing to allow where the account holds nothing of it', () => {
    expect(text({ scopes: [] })).toContain('There is nothing to allow.');
    expect(text({ scopes: [] })).not.toContain('/consent"');
  });
});

it.each([
  [undefined, 'An unnamed browser'],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1',
    'Safari on iOS',
  ],
])('calls %s in words', (userAgent, words) => {
  expect(userAgentWords(userAgent)).toBe(words);
});
