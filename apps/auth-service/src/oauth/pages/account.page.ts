import type { ListedConsent } from '../consents/consents.repository';
import type { HeldSession } from '../account/held-sessions.repository';
import { passkeysSection, PASSKEY_NOTICES } from './account/passkeys.section';
import type { ShownPasskeys } from './account/passkeys.section';
import { time } from './account/time';
import { button, refusal } from './fields';
import { html } from './html';
import type { Html } from './html';
import { page } from './layout';
import { inReadingOrder, scopeWords } from './scope-words';
import { userAgentWords } from './user-agent-words';

/** What the account page says of what was just done. */
export const NOTICES = {
  withdrawn: 'Withdrawn. The application has no access any more.',
  ended: 'Ended.',
  ...PASSKEY_NOTICES,
} as const;

export interface AccountPage extends ShownPasskeys {
  readonly email: string;
  readonly consents: readonly ListedConsent[];
  readonly sessions: readonly HeldSession[];
  /** In every form, so that no other page can submit it. */
  readonly formToken: string;
  readonly notice?: string | undefined;
  readonly error?: string | undefined;
}

const PATH = '/oauth2/account';

export function accountPage(shape: AccountPage): string {
  const { email, consents, sessions, notice, error } = shape;
  return page(
    'Your account',
    html`<div class="who">
        <p>Signed in as <strong>${email}</strong></p>
        <a href="/oauth2/logout">Sign out</a>
      </div>
      ${refusal(error)}
      ${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
      <section aria-labelledby="applications">
        <h2 id="applications">Applications you allowed</h2>
        ${
          consents.length === 0
            ? html`<p class="faint">None. No application has access to your account.</p>`
            : html`<ul class="entries">
                ${consents.map((consent) => consentEntry(consent, shape))}
              </ul>`
        }
      </section>
      <section aria-labelledby="sessions">
        <h2 id="sessions">Where you are signed in</h2>
        <ul class="entries">
          ${sessions.map((session) => sessionEntry(session, shape))}
        </ul>
      </section>
      ${passkeysSection(shape, shape)}`,
    { isWide: true, isRefusal: error !== undefined },
  );
}

function consentEntry(consent: ListedConsent, { formToken }: AccountPage): Html {
  const { clientId, clientName, scopes, since, lastUsedAt } = consent;
  const label = html`Withdraw<span class="unseen"> what ${clientName} may do</span>`;
  return html`<li>
    <h3>${clientName}</h3>
    <ul class="scopes">
      ${inReadingOrder(scopes).map((scope) => html`<li>${scopeWords(scope)}</li>`)}
    </ul>
    <p class="faint">Allowed since ${time(since)}. Last used ${time(lastUsedAt)}.</p>
    ${button(`${PATH}/withdraw`, label, {
      look: 'quiet',
      fields: [
        ['client_id', clientId],
        ['form_token', formToken],
      ],
    })}
  </li>`;
}

function sessionEntry(session: HeldSession, { formToken }: AccountPage): Html {
  const { id, clientName, userAgent, clientAddress, createdAt, lastUsedAt, isThisBrowser } =
    session;
  const device = userAgentWords(userAgent);
  const name = clientName ?? device;
  const label = html`End<span class="unseen"> the session of ${name}</span>`;
  return html`<li>
    <h3>${name}${isThisBrowser ? html` <span class="tag">this browser</span>` : undefined}</h3>
    <p class="faint">
      ${clientName === undefined ? undefined : html`Allowed in ${device}. `}${
        clientAddress === undefined ? undefined : html`From ${clientAddress}. `
      }Since
      ${time(createdAt)}. Last used ${time(lastUsedAt)}.
    </p>
    ${button(`${PATH}/end`, label, {
      look: 'quiet',
      fields: [
        ['session_id', id],
        ['form_token', formToken],
      ],
    })}
  </li>`;
}
