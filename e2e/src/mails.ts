import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { eventually } from './eventually';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';
import { rememberSecret } from './secrets-in-use';

const LINK = /#token=([\w-]{43})\n/;

/** The mail that an address was sent, the oldest first. */
export function mailsTo(
  email: string,
  { mailFolder }: Pick<ClusterFacts, 'mailFolder'> = sharedCluster(),
): readonly string[] {
  if (!existsSync(mailFolder)) return [];
  const names = readdirSync(mailFolder).filter((name) => name.endsWith('.txt'));
  return names
    .sort()
    .map((name) => readFileSync(join(mailFolder, name), 'utf8'))
    .filter((mail) => mail.startsWith(`To: ${email}\n`));
}

/** Asks for a link to choose a new password; whatever comes of it. */
export function requestReset(
  client: PublicClient,
  email: string,
  headers: WireHeaders = [],
): Promise<PublicResponse> {
  return client.send({ method: 'POST', path: '/auth/password-reset', headers, json: { email } });
}

/** Uses a link; whatever comes of it. */
export function confirmReset(
  client: PublicClient,
  token: string,
  password: string,
): Promise<PublicResponse> {
  const path = '/auth/password-reset/confirm';
  return client.send({ method: 'POST', path, json: { token, password } });
}

/** Waits for the next mail with a link, past the first so many, and gives the token in it. */
export async function linkIn(
  email: string,
  facts: Pick<ClusterFacts, 'mailFolder'>,
  before = 0,
): Promise<string> {
  const links = await eventually(
    async () =>
      mailsTo(email, facts)
        .map((mail) => LINK.exec(mail)?.[1] ?? '')
        .filter((token) => token !== ''),
    (found) => found.length > before,
  );
  const token = links[before] ?? '';
  rememberSecret(token);
  return token;
}

/** Asks for a link, waits for the mail, and gives the mail with the token in it. */
export async function resetMailFor(
  client: PublicClient,
  email: string,
  headers: WireHeaders = [],
): Promise<{ readonly mail: string; readonly token: string }> {
  const before = mailsTo(email).length;
  const { status, body } = await requestReset(client, email, headers);
  if (status !== 202) throw new Error(`expected 202, got ${status} ${body}`);
  // A notice of what happened before may come meanwhile.
  const mails = await eventually(
    async () =>
      mailsTo(email)
        .slice(before)
        .filter((each) => LINK.test(each)),
    (found) => found.length > 0,
  );
  const mail = mails.at(-1) ?? '';
  const token = LINK.exec(mail)?.[1];
  if (token === undefined) throw new Error(`no mail with a link: ${mail}`);
  rememberSecret(token);
  return { mail, token };
}
