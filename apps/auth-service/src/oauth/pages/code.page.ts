import type { MfaMethod } from '../../mfa/second-factor';
import { button, field, refusal } from './fields';
import { html } from './html';
import type { Html } from './html';
import { page } from './layout';
import { passkeyForm } from './passkey-form';

export interface CodePage {
  /** Path below which its forms are posted. */
  readonly path: string;
  /** Where somebody goes on to; undefined for the account page. */
  readonly clientName?: string | undefined;
  /** By which the sign-in can be completed. */
  readonly methods: readonly MfaMethod[];
  /** Whether a text message is on its way. */
  readonly isMessageSent?: boolean;
  /** What a passkey is asked, as JSON; undefined where there is none. */
  readonly passkeyOptions?: string | undefined;
  /** How the code was made that was refused. */
  readonly method?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

/** One way to complete the sign-in. */
type Way = Pick<CodePage, 'path'> & {
  /** Whether this is the form somebody starts to type in. */
  readonly isFirst: boolean;
  /** Whether it is about this one that a refusal is shown. */
  readonly isRefused: boolean;
};

/** After the password: the code of an authenticator app, of a text message, a passkey, or a recovery code. */
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
    offersTypedCode(methods) ? 'Enter your code' : 'Show that it is you',
    html`<p>to continue to <strong>${clientName ?? 'your account'}</strong></p>
      ${refusal(error)} ${offers('totp') ? appForm(way('totp')) : undefined}
      ${offers('sms') ? messageForms(way('sms'), isMessageSent) : undefined} ${passkeyPart(shape)}
      ${offers('recovery_code') ? recoveryForm(way('recovery_code'), methods) : undefined}
      ${button(`${path}/code`, 'Sign in as somebody else', {
        look: 'quiet',
        fields: [['again', 'yes']],
      })}
      ${clientName === undefined ? undefined : button(`${path}/abort`, 'Cancel', { look: 'quiet' })}`,
    { ...(clientName !== undefined && { door: 'first' }), isRefusal: error !== undefined },
  );
}

/** Whether the code of a device is offered, which is typed. */
function offersTypedCode(methods: readonly MfaMethod[]): boolean {
  return methods.includes('totp') || methods.includes('sms');
}

/** Whoever has just asked for a message waits for that. A passkey has no field to start in. */
function firstOf(methods: readonly MfaMethod[], isMessageSent: boolean): MfaMethod | undefined {
  if (isMessageSent && methods.includes('sms')) return 'sms';
  if (!offersTypedCode(methods)) return methods[0];
  return methods.find((method) => method !== 'passkey');
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

function passkeyPart({ path, methods, passkeyOptions: options }: CodePage): Html | undefined {
  if (options === undefined) return undefined;
  const isAlone = !offersTypedCode(methods);
  const without = html`<p data-without-passkey>
    Your passkey works in browsers that know passkeys and run scripts. In this one, use a recovery
    code.
  </p>`;
  return html`${passkeyForm({
    ...{ action: `${path}/code`, use: 'complete', options, label: 'Use a passkey' },
    ...{ look: isAlone ? 'main' : 'quiet', fields: [['method', 'passkey']] },
    failed: 'No passkey was used. Try again, or continue another way.',
  })}
  ${isAlone ? without : undefined}`;
}

function recoveryForm({ path, isFirst, isRefused }: Way, methods: readonly MfaMethod[]): Html {
  const missing = offersTypedCode(methods) ? 'No phone at hand?' : 'No passkey at hand?';
  return html`<details ${isFirst ? html`open` : undefined}>
    <summary>${missing} Use a recovery code</summary>
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
