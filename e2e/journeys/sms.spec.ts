import { Browser } from '../src/browser';
import { partsOf } from '../src/compact-jws';
import { renew, signedIn, signUp } from '../src/customers';
import { eventually } from '../src/eventually';
import { mailsTo } from '../src/mails';
import { needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { askMfa, challengeFor, enrolTotp, verifyCode } from '../src/second-factors';
import {
  beginPhone,
  codeFor,
  confirmPhone,
  enrolPhone,
  lastCodeTo,
  messagesTo,
  newPhoneNumber,
} from '../src/text-messages';
import type { PhoneCustomer } from '../src/text-messages';

needs('outbox');

const MFA = 'urn:sallyport:acr:mfa';

const client = new PublicClient();

describe('somebody whose phone is sent codes', () => {
  let ada: PhoneCustomer;

  beforeAll(async () => {
    ada = await enrolPhone(client, await signUp(client));
  });

  it('has read a message that begins with the code and names the origin', () => {
    const [message = ''] = messagesTo(ada.phoneNumber);
    expect(message).toMatch(/\n\n\d{6} is your Sallyport code\./);
    expect(message).toMatch(/\n@localhost #\d{6}\n$/);
    expect(message).not.toContain('://');
  });

  it('has ten recovery codes, and a session that says so', async () => {
    expect(ada.recoveryCodes).toHaveLength(10);
    const next = await renew(client, ada);
    const { acr, amr } = partsOf(next.accessToken).payload;
    expect({ acr, amr }).toEqual({ acr: MFA, amr: ['pwd', 'sms', 'mfa'] });
    ada = { ...ada, ...next };
  });

  it('signs in with a code', async () => {
    const { email, password } = ada;
    const json = { email, password };
    const answer = await client.send({ method: 'POST', path: '/auth/login', json });
    expect(answer.json).toMatchObject({ methods: ['sms', 'recovery_code'] });
    const { mfaToken } = answer.json as { readonly mfaToken: string };
    const code = await codeFor(client, mfaToken, ada);
    const session = signedIn(
      await verifyCode(client, mfaToken, `${code.slice(0, 3)} ${code.slice(3)}`, {
        method: 'sms',
      }),
      ada,
    );
    expect(partsOf(session.accessToken).payload).toMatchObject({ amr: ['pwd', 'sms', 'mfa'] });
    const listed = await askMfa(client, session, 'GET');
    expect(listed.json).toMatchObject({
      factors: [{ type: 'sms', lastUsedAt: expect.stringMatching(/^\d{4}-/) }],
    });
  });

  it('signs in at the account page, without a script', async () => {
    const browser = new Browser(client);
    const signIn = await browser.open('/oauth2/account');
    const { email, password } = ada;
    const at = await browser.submit(signIn, '/login', { email, password });
    expect(at.response.body).toContain('Send me a text message');
    expect(at.response.body).not.toContain('id="sms-code"');
    const sent = await browser.submit(at, '/code', { method: 'sms', send: 'yes' });
    expect(sent.response.body).toContain('id="sms-code"');
    const wrong = await browser.submit(sent, '/code', { method: 'sms', code: 'wrong' });
    expect(wrong.response.status).toBe(401);
    expect(wrong.response.body).toContain('not of the last text message');
    const early = await browser.submit(wrong, '/code', { method: 'sms', send: 'yes' });
    expect(early.response.status).toBe(429);
    const code = lastCodeTo(ada.phoneNumber);
    const page = await browser.submit(early, '/code', { method: 'sms', code });
    expect(page.response.body).toContain(email);
    expect(page.response.body).toContain('this browser');
  });

  it('is told by mail', async () => {
    const told = await eventually(
      async () => mailsTo(ada.email),
      (mails) => mails.length > 0,
    );
    expect(told[0]).toContain('Subject: Your phone number is in use');
  });

  it('replaces the number, and the old one goes when the new one is confirmed', async () => {
    const phoneNumber = newPhoneNumber();
    expect((await beginPhone(client, ada, phoneNumber)).status).toBe(202);
    const confirmed = await confirmPhone(client, ada, lastCodeTo(phoneNumber));
    expect(confirmed.json).toEqual({});
    ada = { ...ada, phoneNumber };
    const mfaToken = await challengeFor(client, ada);
    const code = await codeFor(client, mfaToken, ada);
    expect((await verifyCode(client, mfaToken, code, { method: 'sms' })).status).toBe(200);
  });

  it('is offered the app first once there is one, and removes the number', async () => {
    await enrolTotp(client, ada);
    const { email, password } = ada;
    const json = { email, password };
    const answer = await client.send({ method: 'POST', path: '/auth/login', json });
    expect(answer.json).toMatchObject({ methods: ['totp', 'sms', 'recovery_code'] });
    expect((await askMfa(client, ada, 'DELETE', '/sms', {})).status).toBe(204);
    const listed = await askMfa(client, ada, 'GET');
    expect(listed.json).toMatchObject({ factors: [{ type: 'totp' }] });
  });
});
