import { Html, html } from './html';
import { page } from './layout';

/** @param form of oidc-provider, with its token against cross-site requests, and without a button */
export function logoutPage(form: string, clientName: string | undefined): string {
  return page(
    'Sign out?',
    html`<p>
        ${clientName === undefined ? undefined : html`<strong>${clientName}</strong> asks to sign you out. `}Applications
        that came in through this sign-in are signed out as well.
      </p>
      ${new Html(form)}
      <button type="submit" form="op.logoutForm" value="yes" name="logout">Sign out</button>
      <button type="submit" form="op.logoutForm" class="quiet">Stay signed in</button>`,
  );
}

export function signedOutPage(clientName: string | undefined): string {
  return page(
    'You are signed out',
    html`<p>
      ${clientName === undefined ? 'You can close this page.' : html`You can go back to <strong>${clientName}</strong>.`}
    </p>`,
  );
}
