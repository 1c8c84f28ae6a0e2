import type { EmailAddress } from '../accounts/email-address';
import type { MailKind, NoticeDetails, NoticeKind } from './mail-kind';

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

/** What a mail says. */
export interface WrittenMail {
  readonly subject: string;
  /** The second member of a pair is a link or a code, on a line of its own. */
  readonly paragraphs: readonly (string | readonly [says: string, shows: string])[];
}

/** Where the page is that takes a link's code out of its fragment, which a browser never sends to a server (R7). */
const RESET_PAGE = '/auth/reset';
const FORGOT_PAGE = '/auth/forgot';
const CONFIRM_PAGE = '/auth/confirm';
const NOT_ME_PAGE = '/auth/not-me';

const WRITTEN: Readonly<Record<MailKind, (content: MailContent) => WrittenMail>> = {
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
  account_secured: (content) =>
    secured(
      content,
      'Your second factors stay as they are; a passkey takes the new password once before it signs in alone. Remove those you do not know; if you miss one, ask an operator for help.',
    ),
  account_secured_factors_removed: (content) =>
    secured(content, 'The second factors that had been put in use meanwhile were removed.'),
  password_was_reset: (content) => noticed('reset by a link from your mail', content),
  password_changed: (content) => noticed('changed', content),
  factor_enrolled: (content) =>
    factorsNoticed('A second factor is in use', 'A second factor was put in use for', {
      ...content,
      effect:
        'Signing in takes a second factor from now on. Everybody else who was signed in was signed out.',
    }),
  factor_removed: (content) =>
    factorsNoticed('A second factor was removed', 'A second factor was removed from', {
      ...content,
      effect:
        'If it was the last one, the password alone signs in again. Everybody else who was signed in was signed out.',
    }),
  passkey_suspected: (content) =>
    factorsNoticed('A passkey may have been copied', 'A passkey may have been copied of', {
      ...content,
      effect:
        'Its counter did not go on from where it was. It signs in no more, neither here nor there: sign in by another way, remove it, and make another one.',
    }),
  phone_enrolled: (content) =>
    factorsNoticed('Your phone number is in use', 'A phone number was put in use for', {
      ...content,
      effect:
        'Signing in can take a code sent to it from now on. Everybody else who was signed in was signed out.',
    }),
  phone_removed: (content) =>
    factorsNoticed('Your phone number was removed', 'The phone number was removed from', {
      ...content,
      effect: 'It is sent no codes any more. Everybody else who was signed in was signed out.',
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
  new_sign_in: ({ to, at, details }) => ({
    subject: 'A new sign in to your account',
    paragraphs: [
      `Somebody signed in to the Sallyport account ${to} on ${at.toUTCString()}, on a device that was not known: ${details?.device ?? 'an unnamed client'}, from ${details?.from ?? 'an unknown address'}.`,
      'If it was you, there is nothing to do. Otherwise somebody knows your password, or has one of your passkeys.',
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
  second_factor_locked: ({ to, at }) => ({
    subject: 'Too many wrong codes for your account',
    paragraphs: [
      `Somebody gave the right password of the Sallyport account ${to} and too many wrong codes, the last on ${at.toUTCString()}. For a while no code is accepted, except on a device that you have signed in on before.`,
      'If it was you, wait, or sign in on such a device. Otherwise somebody knows your password.',
    ],
  }),
};

function secured({ to, at, secret, issuer }: MailContent, factors: string): WrittenMail {
  return {
    subject: 'Your account was secured',
    paragraphs: [
      `On ${at.toUTCString()} it was reported that somebody else may be in the Sallyport account ${to}. Everybody was signed out, its API keys were revoked, and its password works no more. ${factors}`,
      ['Open this link and choose a new password:', `${issuer}${RESET_PAGE}#token=${secret}`],
      'The link works once, within 30 minutes, and only until another one is asked for.',
      ['If the page asks for the code of this mail, it is:', secret],
      ['If it has run out, ask for another one:', `${issuer}${FORGOT_PAGE}`],
    ],
  };
}

/** Which mails tell of nothing that has happened to the account; every notice ends with a link by which its owner says that it was not them. */
const NO_NOTICES: Readonly<Record<Exclude<MailKind, NoticeKind>, true>> = {
  password_reset: true,
  account_secured: true,
  account_secured_factors_removed: true,
  registration: true,
  registration_repeated: true,
};

function notMe({ secret, issuer }: MailContent): WrittenMail['paragraphs'] {
  return [
    [
      'If it was not you, open this link at once. It signs everybody out and has you choose a new password:',
      `${issuer}${NOT_ME_PAGE}#token=${secret}`,
    ],
    'The link works once, within a week. Opening it does nothing yet: there is a button to press.',
    ['If the page asks for the code of this mail, it is:', secret],
  ];
}

function noticed(what: string, { to, at }: MailContent): WrittenMail {
  return {
    subject: 'Your password was changed',
    paragraphs: [
      `The password of the Sallyport account ${to} was ${what} on ${at.toUTCString()}. Everybody who was signed in with it has been signed out.`,
      'If it was you, there is nothing to do.',
    ],
  };
}

function factorsNoticed(
  subject: string,
  what: string,
  { to, at, effect }: MailContent & { readonly effect: string },
): WrittenMail {
  return {
    subject,
    paragraphs: [
      `${what} the Sallyport account ${to} on ${at.toUTCString()}. ${effect}`,
      'If it was you, there is nothing to do.',
    ],
  };
}

/** What a mail of this kind says; of a notice, how its owner says that it was not them. */
export function wordsOf(content: MailContent): WrittenMail {
  const { subject, paragraphs } = WRITTEN[content.kind](content);
  return {
    subject,
    paragraphs: content.kind in NO_NOTICES ? paragraphs : [...paragraphs, ...notMe(content)],
  };
}
