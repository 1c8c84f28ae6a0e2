import { html } from './html';
import { page } from './layout';

export interface CodePage {
  /** Path of the interaction. */
  readonly path: string;
  readonly clientName: string;
  /** How the code was made that was refused. */
  readonly method?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

/** After the password: the code of an authenticator app, or a recovery code. */
export function codePage({ path, clientName, method, error }: CodePage): string {
  const byRecoveryCode = method === 'recovery_code';
  const described = error === undefined ? undefined : html` aria-describedby="error"`;
  return page(
    'Enter your code',
    html`<p>to continue to <strong>${clientName}</strong></p>
      ${error === undefined ? undefined : html`<p class="error" role="alert" id="error">${error}</p>`}
      <form method="post" action="${path}/code">
        <input type="hidden" name="method" value="totp" />
        <label for="code">Six-digit code from your authenticator app</label>
        <input
          type="text"
          id="code"
          name="code"
          inputmode="numeric"
          autocomplete="one-time-code"
          pattern="[0-9 ]*"
          maxlength="7"
          required
          ${byRecoveryCode ? undefined : described}
          ${byRecoveryCode ? undefined : html` autofocus`}
        />
        <button type="submit">Continue</button>
      </form>
      <details ${byRecoveryCode ? html`open` : undefined}>
        <summary>No phone at hand? Use a recovery code</summary>
        <form method="post" action="${path}/code">
          <input type="hidden" name="method" value="recovery_code" />
          <label for="recovery-code">Recovery code</label>
          <input
            type="text"
            id="recovery-code"
            name="code"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck="false"
            maxlength="32"
            required
            ${byRecoveryCode ? described : undefined}
            ${byRecoveryCode ? html` autofocus` : undefined}
          />
          <button type="submit">Continue with a recovery code</button>
        </form>
      </details>
      <form method="post" action="${path}/code">
        <input type="hidden" name="again" value="yes" />
        <button type="submit" class="quiet">Sign in as somebody else</button>
      </form>
      <form method="post" action="${path}/abort">
        <button type="submit" class="quiet">Cancel</button>
      </form>`,
  );
}
