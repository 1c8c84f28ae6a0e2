import type { ListedConsent } from '../../consents/consents.repository';
import { html } from '../html';
import type { Html } from '../html';
import { inReadingOrder, scopeWords } from '../scope-words';
import { accountButton } from './account-form';
import type { FormToken } from './account-form';
import { time } from './time';

/** What applications may do. */
export function consentsSection(consents: readonly ListedConsent[], form: FormToken): Html {
  return html`<section aria-labelledby="applications">
    <h2 id="applications">Applications you allowed</h2>
    ${
      consents.length === 0
        ? html`<p class="faint">None. No application has access to your account.</p>`
        : html`<ul class="entries">
            ${consents.map((consent) => consentEntry(consent, form))}
          </ul>`
    }
  </section>`;
}

function consentEntry(consent: ListedConsent, { formToken }: FormToken): Html {
  const { clientId, clientName, scopes, since, lastUsedAt } = consent;
  const label = html`Withdraw<span class="unseen"> what ${clientName} may do</span>`;
  return html`<li>
    <h3>${clientName}</h3>
    <ul class="scopes">
      ${inReadingOrder(scopes).map((scope) => html`<li>${scopeWords(scope)}</li>`)}
    </ul>
    <p class="faint">Allowed since ${time(since)}. Last used ${time(lastUsedAt)}.</p>
    ${accountButton('withdraw', label, { formToken, fields: [['client_id', clientId]] })}
  </li>`;
}
