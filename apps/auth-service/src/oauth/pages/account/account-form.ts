import { button } from '../fields';
import type { Html } from '../html';

const PATH = '/oauth2/account';

/** What every form of the account page has in it, so that no other page can submit it. */
export interface FormToken {
  readonly formToken: string;
}

/** A button of the account page. */
export function accountButton(
  action: string,
  label: Html | string,
  {
    formToken,
    fields = [],
    look = 'quiet',
  }: FormToken & {
    readonly fields?: readonly (readonly [name: string, value: string])[];
    readonly look?: 'main' | 'quiet';
  },
): Html {
  return button(`${PATH}/${action}`, label, {
    look,
    fields: [...fields, ['form_token', formToken]],
  });
}
