import type { MfaMethod } from '../../mfa/second-factor';
import { button, field, refusal } from './fields';
import { html } from './html';
import type { Html } from './html';
import { page } from './layout';

export interface CodePage {
  /** Path below which its forms are posted. */
  readonly path: string;
  /** Where somebody goes on to; undefined for the account page. */
  readonly clientName?: string | undefined;
  /** What the code may be made by. */
  readonly methods: readonly MfaMethod[];
  /** Whether a text message is on its way. */
  readonly isMessageSent?: boolean;
  /** How the code was made that was refused. */
  readonly method?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

/** One way to give a code. */
type Way = Pick<CodePage, 'path'> & {
  /** Whether this is the form somebody starts to type in. */
  readonly isFirst: boolean;
  /** Whether it is about this one that a refusal is shown. */
  readonly isRefused: boolean;
};

/** After the password: the code of an authenticator app, of a text message, or a recovery code. */
export function codePage(shape: CodePage): string {
  const { path, clientName, methods, isMessageSent = false, error } = shape;
  const first = methods.find((each) => each === shape.method) ?? firstOf(methods, isMessageSent);
  const way = (method: MfaMethod): Way => ({
    path,
    isFirst: method === first,
    isRefused: error !== undefined && method === first,
  });
  const offers = (method: MfaMethod) => methods.includes(method);
  return page(
    'Enter your code',
    html`<p>to continue to <strong>${clientName ?? 'your account'}</strong></p>
      ${refusal(error)} ${offers('totp') ? appForm(way('totp')) : undefined}
      ${offers('sms') ? messageForms(way('sms'), isMessageSent) : undefined}
      ${offers('recovery_code') ? recoveryForm(way('recovery_code')) : undefined}
      ${button(`${path}/code`, 'Sign in as somebody else', {
        look: 'quiet',
        fields: [['again', 'yes']],
      })}
      ${clientName === undefined ? undefined : button(`${path}/abort`, 'Cancel', { look: 'quiet' })}`,
    { ...(clientName !== undefined && { door: 'first' }), isRefusal: error !== undefined },
  );
}

/** Whoever has just asked for a message waits for that. */
function firstOf(methods: readonly MfaMethod[], isMessageSent: boolean): MfaMethod | undefined {
  return isMessageSent && methods.includes('sms') ? 'sms' : methods[0];
}

function appForm({ path, isFirst, isRefused }: Way): Html {
  return html`<form method="post" action="${path}/code">
    <input type="hidden" name="method" value="totp" />
    ${field({
      ...{ name: 'code', label: 'Six-digit code from your authenticator app', type: 'text' },
      ...{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 7 },
      ...{ isFirst, isRefused },
    })}
    <button type="submit" class="main">Continue</button>
  </form>`;
}

function messageForms({ path, isFirst, isRefused }: Way, isSent: boolean): Html {
  const send = button(`${path}/code`, isSent ? 'Send another one' : 'Send me a text message', {
    look: 'quiet',
    fields: [
      ['method', 'sms'],
      ['send', 'yes'],
    ],
  });
  if (!isSent) return send;
  return html`<form method="post" action="${path}/code">
      <input type="hidden" name="method" value="sms" />
      ${field({
        ...{ id: 'sms-code', name: 'code', label: 'Six-digit code from the text message' },
        ...{ type: 'text', autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 7 },
        ...{ isFirst, isRefused },
      })}
      <button type="submit" class="main">Continue</button>
    </form>
    ${send}`;
}

function recoveryForm({ path, isFirst, isRefused }: Way): Html {
  return html`<details ${isFirst ? html`open` : undefined}>
    <summary>No phone at hand? Use a recovery code</summary>
    <form method="post" action="${path}/code">
      <input type="hidden" name="method" value="recovery_code" />
      ${field({
        ...{ id: 'recovery-code', name: 'code', label: 'Recovery code', type: 'text' },
        ...{ autocomplete: 'off', maxLength: 32 },
        ...{ isFirst, isRefused },
      })}
      <button type="submit">Continue with a recovery code</button>
    </form>
  </details>`;
}
