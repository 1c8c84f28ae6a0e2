import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@sallyport/testing';
import { LocalOutbox } from '../mail/local.outbox';
import { LocalSmsSender } from './local.sms-sender';
import type { PhoneNumber } from './phone-number';

it('keeps messages beside the mail, the number first', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sms-'));
  try {
    const outbox = new LocalOutbox(folder, new FakeClock().now);
    const to = '+12025550123' as PhoneNumber;
    await new LocalSmsSender(outbox).send({ to, text: '012345 is a code' });
    const [kept = ''] = await outbox.last(1);
    expect(kept).toMatch(
      /^To: \+12025550123\nKind: text message\nDate: .+GMT\n\n012345 is a code\n$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
