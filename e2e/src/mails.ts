import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';
import { eventually } from './eventually';
import { messagesIn } from './outbox';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';
import { rememberSecret } from './secrets-in-use';

const RESET_LINK = /\/auth\/reset#token=([\w-]{43})\n/;
const OWN_LINK = /\/auth\/(?:confirm|reset)#token=([\w-]{43})\n/;
const NOT_ME_LINK = /\/auth\/not-me#token=([\w-]{43})\n/;

/** The mail that an address was sent, the oldest first. */
export function mailsTo(
  email: string,
  { outbox }: Pick<ClusterFacts, 'outbox'> = sharedCluster(),
): readonly string[] {
  return messagesIn(outbox).filter((mail) => mail.startsWith(`To: ${email}\n`));
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
  facts: Pick<ClusterFacts, 'outbox'>,
  before = 0,
): Promise<string> {
  const links = await eventually(
    async () =>
      mailsTo(email, facts)
        .map((mail) => OWN_LINK.exec(mail)?.[1] ?? '')
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
  facts: Pick<ClusterFacts, 'outbox'> = sharedCluster(),
): Promise<LinkMail> {
  const before = mailsTo(email, facts).length;
  const { status, body } = await requestReset(client, email, headers);
  if (status !== 202) throw new Error(`expected 202, got ${status} ${body}`);
  return linkTo(email, RESET_LINK, { before, facts });
}

/** Waits for the mail that an account was secured, and gives it with the token of its link for a new password. */
export async function securedMailTo(email: string): Promise<LinkMail> {
  return linkTo(email, new RegExp(`Subject: Your account was secured[^]*${RESET_LINK.source}`));
}

/** Waits for a notice, and gives it with the token by which its owner says that it was not them. */
export async function noticeTo(email: string, subject: string): Promise<LinkMail> {
  return linkTo(email, new RegExp(`Subject: ${subject}[^]*${NOT_ME_LINK.source}`));
}

/** Presses the button of the page where the link of a notice leads; whatever comes of it. */
export function sayNotMe(client: PublicClient, token: string): Promise<PublicResponse> {
  return client.send({ method: 'POST', path: '/auth/not-me', form: [['token', token]] });
}

/** A mail with a link. */
export interface LinkMail {
  readonly mail: string;
  readonly token: string;
}

/** The last mail with such a link after the first so many; others may come meanwhile. */
async function linkTo(
  email: string,
  link: RegExp,
  {
    before = 0,
    facts = sharedCluster(),
  }: { readonly before?: number; readonly facts?: Pick<ClusterFacts, 'outbox'> } = {},
): Promise<LinkMail> {
  const mails = await eventually(
    async () =>
      mailsTo(email, facts)
        .slice(before)
        .filter((each) => link.test(each)),
    (found) => found.length > 0,
  );
  const mail = mails.at(-1) ?? '';
  const token = link.exec(mail)?.[1];
  if (token === undefined) throw new Error(`no mail with a link: ${mail}`);
  rememberSecret(token);
  return { mail, token };
}
