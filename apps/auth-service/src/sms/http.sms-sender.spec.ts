import { FakePartnerCa, SERVER_AUTH } from '@sallyport/testing';
import { HttpSmsSender } from './http.sms-sender';
import type { PhoneNumber } from './phone-number';
import { SmsProvider } from './sms-provider.fixture';
import { SmsNotSent } from './sms-sender';

const MESSAGE = {
  to: '+12025550123' as PhoneNumber,
  text: '012345 is your code.\n\n@a.example #012345',
};
const CREDENTIALS = 'AC0123:not-for-the-log';

let ca: FakePartnerCa;
const providers: SmsProvider[] = [];

beforeAll(async () => {
  ca = await FakePartnerCa.create();
});

afterEach(() => {
  for (const provider of providers.splice(0)) provider.close();
});

async function setUp({ name = 'localhost', authority = ca } = {}) {
  const { cert, key } = await authority.issue(name, { extendedKeyUsage: [SERVER_AUTH] });
  const provider = await SmsProvider.start({ cert, key });
  providers.push(provider);
  const { url } = provider;
  const options = { url, from: '+12025550100', credentials: CREDENTIALS, ca: ca.pem };
  return { provider, sender: new HttpSmsSender({ ...options, timeoutMs: 300 }) };
}

async function refusalOf(sending: Promise<void>): Promise<SmsNotSent> {
  const refusal: unknown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(refusal instanceof SmsNotSent))
    throw new Error(`expected SmsNotSent, got ${String(refusal)}`);
  const shown = `${refusal.message}${String(refusal.cause)}${refusal.stack ?? ''}`;
  for (const secret of [MESSAGE.to, '012345', CREDENTIALS, 'not-for-the-log']) {
    expect(shown).not.toContain(secret);
  }
  return refusal;
}

describe('HttpSmsSender', () => {
  it.each([
    ['of another name', async () => setUp({ name: 'sms.example' })],
    [
      'of an authority it does not know',
      async () => setUp({ authority: await FakePartnerCa.create() }),
    ],
  ])('tells nothing to a server %s', async (_name, prepare) => {
    const { provider, sender } = await prepare();
    expect((await refusalOf(sender.send(MESSAGE))).isFinal).toBe(false);
    expect(provider.taken).toEqual([]);
    const right = await setUp();
    await expect(right.sender.send(MESSAGE)).resolves.toBeUndefined();
  });

  it.each([
    [400, true],
    [422, true],
    [301, false],
    [307, false],
    [401, false],
    [403, false],
    [404, false],
    [429, false],
  ])(
    'takes %d for a refusal (final: %s), asks once, and follows nothing',
    async (status, isFinal) => {
      const { provider, sender } = await setUp();
      provider.answers = [status];
      const refusal = await refusalOf(sender.send(MESSAGE));
      expect(refusal).toMatchObject({ isFinal, code: 'sms_not_sent' });
      expect(refusal.message).toContain(String(status));
      expect(provider.taken).toHaveLength(1);
    },
  );

  it.each([[500], [503], ['silence'], ['hang up']] as const)(
    'gives up after the second %s',
    async (answer) => {
      const { provider, sender } = await setUp();
      provider.answers = [answer];
      expect((await refusalOf(sender.send(MESSAGE))).isFinal).toBe(false);
      expect(provider.taken).toHaveLength(2);
    },
  );

  it.each([[500], ['silence'], ['hang up']] as const)(
    'tries again after one %s',
    async (answer) => {
      const { provider, sender } = await setUp();
      provider.answers = [answer, 201];
      await expect(sender.send(MESSAGE)).resolves.toBeUndefined();
      expect(provider.taken).toHaveLength(2);
    },
  );

  it.each([200, 201, 202])('posts the form, and is content with %d', async (status) => {
    const { provider, sender } = await setUp();
    provider.answers = [status];
    await sender.send(MESSAGE);
    const [taken] = provider.taken;
    expect(taken).toMatchObject({
      method: 'POST',
      path: '/messages.json',
      headers: {
        authorization: `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    expect(Object.fromEntries(taken?.form ?? [])).toEqual({
      To: MESSAGE.to,
      From: '+12025550100',
      Body: MESSAGE.text,
    });
  });
});
