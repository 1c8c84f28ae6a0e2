import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@sallyport/testing';
import { parseEmailAddress } from '../accounts/email-address';
import { LocalMailSender } from './local.mail-sender';

const root = mkdtempSync(join(tmpdir(), 'mail-'));
const folder = join(root, 'mail');

afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('LocalMailSender', () => {
  const clock = new FakeClock();
  const sender = new LocalMailSender(folder, clock.now);

  it('has none before the first', async () => {
    expect(await sender.last(5)).toEqual([]);
  });

  it('keeps the last mails, for their owner alone', async () => {
    for (let count = 0; count < 205; count += 1) {
      const text = `text ${count}\n`;
      const to = parseEmailAddress('ada@example.com');
      await sender.send({ id: `id-${count}`, to, subject: 'A subject', text, html: '' });
      clock.advance({ seconds: 1 });
    }
    const mails = await sender.last(2);
    expect(mails.map((mail) => mail.split('\n\n')[1])).toEqual(['text 203\n', 'text 204\n']);
    expect(mails[0]).toMatch(/^To: ada@example\.com\nSubject: A subject\nDate: .+GMT\n/);
    const files = readdirSync(folder);
    expect(files).toHaveLength(200);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, files[0] ?? '')).mode & 0o777).toBe(0o600);
  });
});
