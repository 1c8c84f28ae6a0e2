import { html } from './html';
import { page } from './layout';

export interface SignInPage {
  /** Path of the interaction. */
  readonly path: string;
  readonly clientName: string;
  /** What the client or a refused attempt gave. */
  readonly email?: string | undefined;
  /** In words for the person. */
  readonly error?: string | undefined;
}

export function signInPage({ path, clientName, email, error }: SignInPage): string {
  return page(
    'Sign in',
    html`<p>to continue to <strong>${clientName}</strong></p>
      ${error === undefined ? undefined : html`<p class="error" role="alert" id="error">${error}</p>`}
      <form method="post" action="${path}/login">
        <label for="email">E-mail address</label>
        <input
          type="email"
          id="email"
          name="email"
          autocomplete="username"
          required
          maxlength="254"
          value="${email ?? ''}"
          ${email === undefined ? html` autofocus` : undefined}
        />
        <label for="password">Password</label>
        <input
          type="password"
          id="password"
          name="password"
          autocomplete="current-password"
          required${email === undefined ? undefined : html` autofocus`}
        />
        <button type="submit">Sign in</button>
      </form>
      <p class="faint"><a href="/auth/forgot">Forgot your password?</a></p>
      <form method="post" action="${path}/abort">
        <button type="submit" class="quiet">Cancel</button>
      </form>`,
  );
}
