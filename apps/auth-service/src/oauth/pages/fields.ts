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

/** What browsers and password managers may fill in (HTML section 4.10.18.7). */
type AutocompleteWords =
  'username' | 'username webauthn' | 'current-password' | 'new-password' | 'one-time-code' | 'off';

export interface Field {
  readonly name: string;
  /** Its name, when left out. */
  readonly id?: string;
  readonly label: string;
  /** `text` for a code that is copied from somewhere. */
  readonly type: 'email' | 'password' | 'text';
  readonly autocomplete: AutocompleteWords;
  /** Which keyboard a phone shows. */
  readonly inputMode?: 'numeric';
  readonly maxLength?: number;
  readonly value?: string;
  /** The one field of a page in which somebody starts to type. */
  readonly isFirst: boolean;
  readonly isRefused: boolean;
  /** Whether it may be left empty. */
  readonly isOptional?: boolean;
  /** The id of a text that says what is expected. */
  readonly hintId?: string;
}

/** A field with its label. */
export function field(shape: Field): Html {
  const {
    name,
    id = name,
    label,
    type,
    autocomplete,
    inputMode,
    maxLength,
    value,
    isFirst,
  } = shape;
  const describedBy = [shape.isRefused ? REFUSAL_ID : undefined, shape.hintId]
    .filter(Boolean)
    .join(' ');
  return html`<label for="${id}">${label}</label>
    <input
      type="${type}"
      id="${id}"
      name="${name}"
      ${inputMode === undefined ? undefined : html`inputmode="${inputMode}"`}
      autocomplete="${autocomplete}"
      ${shape.isOptional === true ? undefined : html`required`}
      ${type !== 'password' ? html`autocapitalize="none" spellcheck="false"` : undefined}
      ${maxLength === undefined ? undefined : html`maxlength="${String(maxLength)}"`}
      ${value === undefined ? undefined : html`value="${value}"`}
      ${shape.isRefused ? html`aria-invalid="true"` : undefined}
      ${describedBy === '' ? undefined : html`aria-describedby="${describedBy}"`}
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
