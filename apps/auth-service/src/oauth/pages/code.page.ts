import { button, field, refusal } from './fields';
import { html } from './html';
import { page } from './layout';

export interface CodePage {
  /** Path below which its forms are posted. */
  readonly path: string;
  /** Where somebody goes on to; undefined for the account page. */
  readonly clientName?: string | undefined;
  /** How the code was made that was refused. */
  readonly method?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

/** After the password: the code of an authenticator app, or a recovery code. */
export function codePage({ path, clientName, method, error }: CodePage): string {
  const isRefused = error !== undefined;
  const isByRecoveryCode = method === 'recovery_code';
  return page(
    'Enter your code',
    html`<p>to continue to <strong>${clientName ?? 'your account'}</strong></p>
      ${refusal(error)}
      <form method="post" action="${path}/code">
        <input type="hidden" name="method" value="totp" />
        ${field({
          ...{ name: 'code', label: 'Six-digit code from your authenticator app', type: 'text' },
          ...{ autocomplete: 'one-time-code', inputMode: 'numeric', maxLength: 7 },
          ...{ isFirst: !isByRecoveryCode, isRefused: isRefused && !isByRecoveryCode },
        })}
        <button type="submit" class="main">Continue</button>
      </form>
      <details ${isByRecoveryCode ? html`open` : undefined}>
        <summary>No phone at hand? Use a recovery code</summary>
        <form method="post" action="${path}/code">
          <input type="hidden" name="method" value="recovery_code" />
          ${field({
            ...{ id: 'recovery-code', name: 'code', label: 'Recovery code', type: 'text' },
            ...{ autocomplete: 'off', maxLength: 32 },
            ...{ isFirst: isByRecoveryCode, isRefused: isRefused && isByRecoveryCode },
          })}
          <button type="submit">Continue with a recovery code</button>
        </form>
      </details>
      ${button(`${path}/code`, 'Sign in as somebody else', {
        look: 'quiet',
        fields: [['again', 'yes']],
      })}
      ${clientName === undefined ? undefined : button(`${path}/abort`, 'Cancel', { look: 'quiet' })}`,
    { ...(clientName !== undefined && { door: 'first' }), isRefusal: isRefused },
  );
}
