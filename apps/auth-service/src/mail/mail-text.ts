import type { EmailAddress } from '../accounts/email-address';
import { html } from '../oauth/pages/html';
import type { Html } from '../oauth/pages/html';
import type { MailKind } from './mail-kind';
import type { OutgoingMail } from './mail-sender';

/** What a mail is made of, its secret opened. */
export interface MailContent {
  readonly id: string;
  readonly kind: MailKind;
  readonly to: EmailAddress;
  /** When what it tells of happened. */
  readonly at: Date;
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
const CONFIRM_PAGE = '/auth/confirm';

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
  registration: ({ to, secret, issuer }) => ({
    subject: 'Open your account',
    paragraphs: [
      `Somebody asked for a Sallyport account for ${to}. If it was you, open this link and choose a password:`,
      ['', `${issuer}${CONFIRM_PAGE}#token=${secret}`],
      'The link works once, within an hour. The password you choose there is the one that counts.',
      ['If the page asks for the code of this mail, it is:', secret],
      'If it was not you, there is nothing to do: without the link there is no account. Give the link and the code to nobody.',
    ],
  }),
  registration_repeated: ({ to, at, issuer }) => ({
    subject: 'You have an account already',
    paragraphs: [
      `Somebody asked for a Sallyport account for ${to} on ${at.toUTCString()}. There is one already, and nothing about it has changed.`,
      ['If it was you, sign in, or choose a new password:', `${issuer}${FORGOT_PAGE}`],
      'If it was not you, there is nothing to do: who asked was not told that there is an account.',
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
