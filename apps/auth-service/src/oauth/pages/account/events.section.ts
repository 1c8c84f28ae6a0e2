import type { OwnEvent } from '@sallyport/audit';
import { html } from '../html';
import type { Html } from '../html';
import { time } from './time';

/** What happened to the account, the newest first. */
export function eventsSection(events: readonly OwnEvent[]): Html {
  return html`<section aria-labelledby="events">
    <h2 id="events">What happened lately</h2>
    ${
      events.length === 0
        ? html`<p class="faint">Nothing yet.</p>`
        : html`<ol class="entries events">
            ${events.map(eventEntry)}
          </ol>`
    }
  </section>`;
}

function eventEntry({ title, at, from, outcome }: OwnEvent): Html {
  return html`<li>
    <h3>${title}${outcome === 'refused' ? html` <span class="tag">refused</span>` : undefined}</h3>
    <p class="faint">${time(at)}.${from === undefined ? undefined : html` From ${from}.`}</p>
  </li>`;
}
