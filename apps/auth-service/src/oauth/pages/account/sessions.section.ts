import type { HeldSession } from '../../account/held-sessions.repository';
import { html } from '../html';
import type { Html } from '../html';
import { userAgentWords } from '../user-agent-words';
import { accountButton } from './account-form';
import type { FormToken } from './account-form';
import { time } from './time';

/** Where somebody is signed in. */
export function sessionsSection(sessions: readonly HeldSession[], form: FormToken): Html {
  return html`<section aria-labelledby="sessions">
    <h2 id="sessions">Where you are signed in</h2>
    <ul class="entries">
      ${sessions.map((session) => sessionEntry(session, form))}
    </ul>
  </section>`;
}

function sessionEntry(session: HeldSession, { formToken }: FormToken): Html {
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
    ${accountButton('end', label, { formToken, fields: [['session_id', id]] })}
  </li>`;
}
