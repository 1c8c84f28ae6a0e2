import { html } from '../html';
import type { Html } from '../html';

const WORDS = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

export function time(moment: Date): Html {
  return html`<time datetime="${moment.toISOString()}">${WORDS.format(moment)} UTC</time>`;
}
