import { randomUUID } from 'node:crypto';
import type { Database } from '@sallyport/persistence';
import { parseEmailAddress } from '../accounts/email-address';
import { CLIENT_ADDRESS, openAuthDatabase } from '../auth.fixture';
import type { AuthTables } from '../auth.tables';
import { RegistrationsController } from './registrations.controller';
import { registrationsOf } from './registrations.fixture';

let database: Database<AuthTables>;

beforeAll(async () => {
  database = await openAuthDatabase();
});

afterAll(() => database.close());

it('knows the device on which a registration is confirmed, and tells nobody of this sign-in', async () => {
  const { confirmation, sessions, accounts, devices, linkFor } = await registrationsOf(database);
  const email = parseEmailAddress(`${randomUUID()}@example.com`);
  const token = (await linkFor(email)) ?? '';
  const controller = new RegistrationsController(confirmation, sessions);
  const password = 'correct horse battery staple';
  const request = { token, password, userAgent: '', deviceTokens: '' };
  const { tokens } = await controller.confirm(request, CLIENT_ADDRESS);
  expect(await devices.recognise(tokens?.deviceTokens, email)).toBeDefined();
  const account = await accounts.findByEmail(email);
  const mails = database.db.selectFrom('mails').select('kind');
  expect(await mails.where('account_id', '=', account?.id ?? '').execute()).toEqual([]);
});
