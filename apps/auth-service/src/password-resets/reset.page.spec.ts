import { ServiceError } from '@sallyport/nest-zero-trust';
import { wordsFor } from '../link-pages/refusal-words';
import { resetPage } from './reset.page';

/** The names of the fields that a page marks, and of the one in which somebody starts to type. */
function fieldsOf(page: string): { readonly marked: readonly string[]; readonly first: string[] } {
  const inputs = page.match(/<input[^>]*>/g) ?? [];
  const named = (word: string): string[] =>
    inputs.filter((input) => input.includes(word)).map((it) => /name="(\w+)"/.exec(it)?.[1] ?? '');
  return { marked: named('aria-invalid'), first: named('autofocus') };
}

describe('the form for a new password', () => {
  it.each([
    ['INVALID_ARGUMENT', 'password_too_short', ['password'], ['password']],
    ['INVALID_ARGUMENT', 'password_breached', ['password'], ['password']],
    ['INVALID_ARGUMENT', 'password_reset_refused', ['token'], ['token']],
    ['UNAVAILABLE', 'database_unavailable', [], ['password']],
  ] as const)('after %s %s has %j filled in anew', (status, reason, marked, first) => {
    const refused = wordsFor(new ServiceError(status, reason));
    const page = resetPage({ token: 'a-code', refused });
    expect(fieldsOf(page)).toEqual({ marked, first });
    expect(page).toContain('value="a-code"');
    expect(page).toContain('role="alert"');
  });

  it.each(['password_reset_refused', 'registration_confirmation_refused', 'not_me_refused'])(
    'tells by words of its own that a code does not work: %s',
    (reason) => {
      const { error } = wordsFor(new ServiceError('INVALID_ARGUMENT', reason));
      expect(error).toMatch(/^This code does not work: it was used, /);
    },
  );

  it('begins with the code, which is not there yet', () => {
    expect(fieldsOf(resetPage())).toEqual({ marked: [], first: ['token'] });
  });
});
