import { FakePartnerCa, SERVER_AUTH } from '@sallyport/testing';
import { parseEmailAddress } from '../accounts/email-address';
import { MailNotSent } from './mail-sender';
import type { OutgoingMail } from './mail-sender';
import { SmtpMailSender } from './smtp.mail-sender';
import { SmtpServer, type SmtpServerOptions } from './smtp-server.fixture';

const MAIL: OutgoingMail = {
  id: '0b7a2f0e-6c5e-4a53-9d0c-3f1d4f9f2a11',
  to: parseEmailAddress('ada@example.com'),
  subject: 'A subject',
  text: 'Some text.\n.\nAnd more.\n',
  html: '<p>Some text.</p>',
};
const PASSWORD = 'not/for:the@log';

let ca: FakePartnerCa;
const servers: SmtpServer[] = [];

beforeAll(async () => {
  ca = await FakePartnerCa.create();
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function setUp(options: Partial<SmtpServerOptions> = {}, name = 'localhost') {
  const { cert, key } = await ca.issue(name, { extendedKeyUsage: [SERVER_AUTH] });
  const server = await SmtpServer.start({ identity: { cert, key }, ...options });
  servers.push(server);
  const scheme = options.isImplicit === true ? 'smtps' : 'smtp';
  const user = `mailer:${encodeURIComponent(PASSWORD)}`;
  const url = `${scheme}://${user}@localhost:${server.port}`;
  const sender = new SmtpMailSender({ url, from: 'no-reply@mail.example', ca: ca.pem });
  return { server, sender, url };
}

async function refusalOf(sending: Promise<void>): Promise<MailNotSent> {
  const refusal: unknown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (refusal instanceof MailNotSent) return refusal;
  throw new Error(`expected MailNotSent, got ${String(refusal)}`);
}

describe('SmtpMailSender', () => {
  it.each<[string, Partial<SmtpServerOptions>, string | undefined]>([
    ['that offers no TLS', { hidesStartTls: true }, undefined],
    ['of another name, after STARTTLS', {}, 'mail.example'],
    ['of another name, with TLS from the start', { isImplicit: true }, 'mail.example'],
  ])('tells nothing to a server %s', async (_name, options, name) => {
    const { server, sender } = await setUp(options, name);
    expect((await refusalOf(sender.send(MAIL))).isFinal).toBe(false);
    const told = server.commands.map(({ line }) => line.split(' ')[0]);
    expect(
      told.filter((word) => !['EHLO', 'HELO', 'STARTTLS', 'QUIT'].includes(word ?? '')),
    ).toEqual([]);
    expect(server.messages).toEqual([]);
  });

  it('tells nothing to a server of an authority it does not know', async () => {
    const { server, url } = await setUp({ isImplicit: true });
    const stranger = (await FakePartnerCa.create()).pem;
    const sender = new SmtpMailSender({ url, from: 'no-reply@mail.example', ca: stranger });
    await refusalOf(sender.send(MAIL));
    expect(server.commands).toEqual([]);
  });

  it.each<[string, boolean, Readonly<Record<string, string>>]>([
    ['its credentials are refused', false, { AUTH: '535 who are you' }],
    ['the server is busy', false, { MAIL: '451 later' }],
    ['the receiver is refused for now', false, { RCPT: '450 greylisted' }],
    ['the receiver is refused for good', true, { RCPT: '550 no such user ada@example.com' }],
    ['the message is refused for good', true, { DATA: '554 no' }],
  ])('says whether to try again when %s, and quotes nothing', async (_name, isFinal, answers) => {
    const { server, sender } = await setUp({ answers });
    const refusal = await refusalOf(sender.send(MAIL));
    expect(refusal.isFinal).toBe(isFinal);
    expect(refusal.message).toMatch(/^a mail was not sent: E[A-Z]+ \d{3}$/);
    expect(refusal.cause).toBeUndefined();
    expect(JSON.stringify(Object.entries(refusal))).not.toMatch(/ada|not\/for/);
    expect(server.messages).toEqual([]);
  });

  it('does not wait for ever for a server that says nothing', async () => {
    const { sender } = await setUp({ isSilent: true });
    const refusal = await refusalOf(sender.send(MAIL));
    expect(refusal).toMatchObject({
      isFinal: false,
      message: expect.stringMatching(/ETIMEDOUT$/) as string,
    });
  }, 15_000);

  it.each([
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com, b@example.com',
    'a@example.com>\r\nRCPT TO:<b@example.com',
    'Ada <a@example.com>',
  ])('is never given %j for a receiver', (address) => {
    expect(() => parseEmailAddress(address)).toThrow();
  });

  it('lets nothing in a subject become a header', async () => {
    const { server, sender } = await setUp();
    await sender.send({ ...MAIL, subject: 'A subject\r\nBcc: b@example.com\r\n\r\nbody' });
    const receivers = server.commands.filter(({ line }) => line.startsWith('RCPT'));
    expect(receivers.map(({ line }) => line)).toEqual(['RCPT TO:<ada@example.com>']);
    expect(server.messages.join('\n')).not.toMatch(/^Bcc:/im);
  });

  it.each([
    ['STARTTLS', false],
    ['TLS from the start', true],
  ])(
    'hands a mail over with %s, its credentials and content encrypted',
    async (_name, isImplicit) => {
      const { server, sender } = await setUp({ isImplicit });
      await sender.send(MAIL);
      const [message = ''] = server.messages;
      expect(message).toContain('To: ada@example.com');
      expect(message).toContain(`Message-ID: <${MAIL.id}@mail.example>`);
      expect(message).toContain('Auto-Submitted: auto-generated');
      expect(message).toMatch(/^Content-Type: multipart\/alternative/m);
      expect(message).not.toMatch(/<img|<script/);
      const inClear = server.commands.filter(({ isEncrypted }) => !isEncrypted);
      expect(inClear.map(({ line }) => line.split(' ')[0])).toEqual(
        isImplicit ? [] : ['EHLO', 'STARTTLS'],
      );
      const [authentication] = server.commands.filter(({ line }) => line.startsWith('AUTH'));
      const given = Buffer.from(authentication?.line.split(' ')[2] ?? '', 'base64').toString();
      expect(given).toBe(`\0mailer\0${PASSWORD}`);
    },
  );
});
