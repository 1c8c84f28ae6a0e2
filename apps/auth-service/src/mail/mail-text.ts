import type { EmailAddress } from '../accounts/email-address';
import { html } from '../oauth/pages/html';
import type { Html } from '../oauth/pages/html';
import type { MailKind, NoticeDetails } from './mail-kind';
import type { OutgoingMail } from './mail-sender';

/** What a mail is made of, its secret opened. */
export interface MailContent {
  readonly id: string;
  readonly kind: MailKind;
  readonly to: EmailAddress;
  /** When what it tells of happened. */
  readonly at: Date;
  readonly details: NoticeDetails | undefined;
  /** Empty when it has none. */
  readonly secret: string;
  /** Public address of the system. */
  readonly issuer: string;
}

interface Written {
  readonly subject: string;
  /** The second member of a pair is a link or a code, on a line of its own. */
  readonly paragraphs: readonly (string | readonly [says: string, shows: string])[];
}

/** Where the page is that takes a link's code out of its fragment, which a browser never sends to a server (R7). */
const RESET_PAGE = '/auth/reset';
const FORGOT_PAGE = '/auth/forgot';

const WRITTEN: Readonly<Record<MailKind, (content: MailContent) => Written>> = {
  password_reset: ({ to, secret, issuer }) => ({
    subject: 'Choose a new password',
    paragraphs: [
      `Somebody asked for a new password for the Sallyport account ${to}. If it was you, open this link and choose one:`,
      ['', `${issuer}${RESET_PAGE}#token=${secret}`],
      'The link works once, within 30 minutes, and only until another one is asked for.',
      ['If the page asks for the code of this mail, it is:', secret],
      'If it was not you, there is nothing to do: your password stays as it is. Give the link and the code to nobody.',
    ],
  }),
  password_was_reset: (content) => noticed('reset by a link from your mail', content),
  password_changed: (content) => noticed('changed', content),
  factor_enrolled: (content) =>
    factorsNoticed('Your authenticator app is in use', 'An authenticator app was put in use for', {
      ...content,
      effect:
        'Signing in takes a code of it from now on. Everybody else who was signed in was signed out.',
    }),
  factor_removed: (content) =>
    factorsNoticed('Your second factor was removed', 'The authenticator app was removed from', {
      ...content,
      effect: 'The password alone signs in again. Everybody else who was signed in was signed out.',
    }),
  recovery_codes_regenerated: (content) =>
    factorsNoticed('Your recovery codes were replaced', 'New recovery codes were made for', {
      ...content,
      effect:
        'None of those of before works any more. Everybody else who was signed in was signed out.',
    }),
  recovery_code_used: (content) =>
    factorsNoticed('A recovery code was used', 'One of the recovery codes was used for', {
      ...content,
      effect: 'It works no more; the others do.',
    }),
  new_sign_in: ({ to, at, details, issuer }) => ({
    subject: 'A new sign in to your account',
    paragraphs: [
      `Somebody signed in to the Sallyport account ${to} on ${at.toUTCString()}, on a device that was not known: ${details?.device ?? 'an unnamed client'}, from ${details?.from ?? 'an unknown address'}.`,
      'If it was you, there is nothing to do.',
      [
        'If it was not you, somebody knows your password: choose a new one at once, which signs everybody out.',
        `${issuer}${FORGOT_PAGE}`,
      ],
    ],
  }),
  password_sign_in_locked: ({ to, at, issuer }) => ({
    subject: 'Signing in to your account is locked for now',
    paragraphs: [
      `Too many wrong passwords were tried for the Sallyport account ${to}, the last on ${at.toUTCString()}. For a while nobody can sign in to it by password, except on a device that you have signed in on before.`,
      'Nobody got in by them, and the lock ends by itself.',
      [
        'If you cannot wait, choose a new password, which ends the lock at once:',
        `${issuer}${FORGOT_PAGE}`,
      ],
    ],
  }),
  second_factor_locked: ({ to, at, issuer }) => ({
    subject: 'Too many wrong codes for your account',
    paragraphs: [
      `Somebody gave the right password of the Sallyport account ${to} and too many wrong codes, the last on ${at.toUTCString()}. For a while no code is accepted, except on a device that you have signed in on before.`,
      'If it was you, wait, or sign in on such a device.',
      [
        'If it was not you, somebody knows your password: choose a new one at once.',
        `${issuer}${FORGOT_PAGE}`,
      ],
    ],
  }),
};

function noticed(what: string, { to, at, issuer }: MailContent): Written {
  return {
    subject: 'Your password was changed',
    paragraphs: [
      `The password of the Sallyport account ${to} was ${what} on ${at.toUTCString()}. Everybody who was signed in with it has been signed out.`,
      'If it was you, there is nothing to do.',
      ['If it was not you, choose a new password at once:', `${issuer}${FORGOT_PAGE}`],
    ],
  };
}

function factorsNoticed(
  subject: string,
  what: string,
  { to, at, issuer, effect }: MailContent & { readonly effect: string },
): Written {
  return {
    subject,
    paragraphs: [
      `${what} the Sallyport account ${to} on ${at.toUTCString()}. ${effect}`,
      'If it was you, there is nothing to do.',
      [
        'If it was not you, somebody knows your password: choose a new one at once, and ask an operator for help.',
        `${issuer}${FORGOT_PAGE}`,
      ],
    ],
  };
}

/** Writes a mail: text, and the same as HTML without images, scripts or anything that tells that it was read. */
export function writeMail(content: MailContent): OutgoingMail {
  const { subject, paragraphs } = WRITTEN[content.kind](content);
  return {
    id: content.id,
    to: content.to,
    subject,
    text: `${paragraphs.map(asText).join('\n\n')}\n`,
    html: html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <title>${subject}</title>
        </head>
        <body>
          ${paragraphs.map(asHtml)}
        </body>
      </html>`.text,
  };
}

function asText(paragraph: Written['paragraphs'][number]): string {
  if (typeof paragraph === 'string') return paragraph;
  return paragraph.filter((line) => line !== '').join('\n');
}

function asHtml(paragraph: Written['paragraphs'][number]): Html {
  if (typeof paragraph === 'string') return html`<p>${paragraph}</p>`;
  const [says, shows] = paragraph;
  const shown = shows.startsWith('https://')
    ? html`<a href="${shows}">${shows}</a>`
    : html`<code>${shows}</code>`;
  return html`<p>${says === '' ? undefined : html`${says}<br />`}${shown}</p>`;
}
