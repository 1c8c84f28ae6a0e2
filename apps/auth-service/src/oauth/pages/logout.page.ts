import { button, hidden } from './fields';
import type { Fields } from './fields';
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
      <button type="submit" form="op.logoutForm" class="main" value="yes" name="logout">
        Sign out
      </button>
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

/** @param fields of a form that another site submitted */
export function signOutAgainPage(fields: Fields): string {
  return page(
    'Sign out?',
    html`<p>An application asks to sign you out.</p>
      ${button('/oauth2/logout', 'Continue', { look: 'main', fields })}`,
  );
}

/** The way back to the client, for a browser in which nobody is signed in; `secret` is against cross-site requests. */
export function notSignedInPage(action: string, secret: string): string {
  return page(
    'You are not signed in',
    html`<p>There is nobody to sign out in this browser.</p>
      <form method="post" action="${action}">
        ${hidden([
          ['xsrf', secret],
          ['logout', 'yes'],
        ])}
        <button type="submit" class="main">Continue</button>
      </form>`,
  );
}
