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
  /** What a passkey is asked, as JSON; undefined where there is none. */
  readonly passkeyOptions?: string | undefined;
  /** How the code was made that was refused. */
  readonly method?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

/** After the password: the code of an authenticator app, a passkey, or a recovery code. */
export function codePage(shape: CodePage): string {
  const { path, clientName, methods, error } = shape;
  return page(
    methods.includes('totp') ? 'Enter your code' : 'Show that it is you',
    html`<p>to continue to <strong>${clientName ?? 'your account'}</strong></p>
      ${refusal(error)} ${methods.includes('totp') ? appForm(shape) : undefined}
      ${passkeyPart(shape)} ${recoveryForm(shape)}
      ${button(`${path}/code`, 'Sign in as somebody else', {
        look: 'quiet',
        fields: [['again', 'yes']],
      })}
      ${clientName === undefined ? undefined : button(`${path}/abort`, 'Cancel', { look: 'quiet' })}`,
    { ...(clientName !== undefined && { door: 'first' }), isRefusal: error !== undefined },
  );
}

function appForm({ path, method, error }: CodePage): Html {
  const isAsked = method === undefined || method === 'totp';
  return html`<form method="post" action="${path}/code">
    <input type="hidden" name="method" value="totp" />
    ${field({
      ...{ name: 'code', label: 'Six-digit code from your authenticator app', type: 'text' },
      ...{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 7 },
      ...{ isFirst: isAsked, isRefused: error !== undefined && isAsked },
    })}
    <button type="submit" class="main">Continue</button>
  </form>`;
}

function passkeyPart({ path, methods, passkeyOptions: options }: CodePage): Html | undefined {
  if (options === undefined) return undefined;
  const isAlone = !methods.includes('totp');
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

function recoveryForm({ path, methods, method, error }: CodePage): Html {
  const isAsked = method === 'recovery_code';
  const missing = methods.includes('totp') ? 'No phone at hand?' : 'No passkey at hand?';
  return html`<details ${isAsked ? html`open` : undefined}>
    <summary>${missing} Use a recovery code</summary>
    <form method="post" action="${path}/code">
      <input type="hidden" name="method" value="recovery_code" />
      ${field({
        ...{ id: 'recovery-code', name: 'code', label: 'Recovery code', type: 'text' },
        ...{ autocomplete: 'off', maxLength: 32 },
        ...{ isFirst: isAsked, isRefused: error !== undefined && isAsked },
      })}
      <button type="submit">Continue with a recovery code</button>
    </form>
  </details>`;
}
