import { html } from './html';
import type { Html } from './html';

/** Names the message of {@link refusal} for the fields it is about. */
const REFUSAL_ID = 'refusal';

/** What went wrong, in words for the person; announced when it appears, and read with the fields it is about. */
export function refusal(message: string | undefined): Html | undefined {
  return message === undefined
    ? undefined
    : html`<p class="refusal" role="alert" id="${REFUSAL_ID}">${message}</p>`;
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'email' | 'password';
  readonly autocomplete: 'username' | 'current-password';
  readonly maxLength?: number;
  readonly value?: string;
  /** The one field of a page in which somebody starts to type. */
  readonly isFirst: boolean;
  readonly isRefused: boolean;
}

/** A field with its label. */
export function field(shape: Field): Html {
  const { name, label, type, autocomplete, maxLength, value, isFirst, isRefused } = shape;
  return html`<label for="${name}">${label}</label>
    <input
      type="${type}"
      id="${name}"
      name="${name}"
      autocomplete="${autocomplete}"
      required
      ${type === 'email' ? html`autocapitalize="none" spellcheck="false"` : undefined}
      ${maxLength === undefined ? undefined : html`maxlength="${String(maxLength)}"`}
      ${value === undefined ? undefined : html`value="${value}"`}
      ${isRefused ? html`aria-invalid="true" aria-describedby="${REFUSAL_ID}"` : undefined}
      ${isFirst ? html`autofocus` : undefined}
    />`;
}

/** A form of a single button. */
export function button(
  action: string,
  label: Html | string,
  { look, fields = [] }: { readonly look: 'main' | 'quiet' | 'link'; readonly fields?: Fields },
): Html {
  return html`<form method="post" action="${action}" class="${look}">
    ${hidden(fields)}
    <button type="submit" class="${look}">${label}</button>
  </form>`;
}

export type Fields = readonly (readonly [name: string, value: string])[];

export function hidden(fields: Fields): readonly Html[] {
  return fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
}
